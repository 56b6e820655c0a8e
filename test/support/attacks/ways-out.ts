/*
 * What a page that was taken over would try. Each function runs in the page by itself; `to` is an address that would tell
 * of it.
 */

export type Way = (to: string) => unknown;

/** Ways to show another page in the place of ours. */
export const LEAVING: Readonly<Record<string, Way>> = {
  'an address': (to) => {
    location.href = to;
  },
  'another one in its place': (to) => location.replace(to),
  'the frame around it': (to) => {
    (window.top ?? window).location.href = to;
  },
  'a link': (to) => {
    const link = document.body.appendChild(document.createElement('a'));
    link.href = to;
    link.click();
    link.remove();
  },
  'a form': (to) => {
    const form = document.body.appendChild(document.createElement('form'));
    form.method = 'post';
    form.action = to;
    form.submit();
    form.remove();
  },
  'a refresh': (to) => {
    const meta = document.head.appendChild(document.createElement('meta'));
    meta.httpEquiv = 'refresh';
    meta.content = `0;url=${to}`;
  },
};

/** Ways to show something beside our page. */
export const OPENING: Readonly<Record<string, Way>> = {
  'a window': (to) => window.open(to),
  'a window of its own kind': (to) =>
    window.open(to, 'other', 'popup,width=200,height=200,nodeIntegration=yes,contextIsolation=no,preload=/tmp/x.js'),
  'a link to a new one': (to) => {
    const link = document.body.appendChild(document.createElement('a'));
    link.href = to;
    link.target = '_blank';
    link.click();
    link.dispatchEvent(new MouseEvent('click', { ctrlKey: true, bubbles: true, cancelable: true }));
    link.remove();
  },
  'a form to a new one': (to) => {
    const form = document.body.appendChild(document.createElement('form'));
    form.action = to;
    form.target = '_blank';
    form.submit();
    form.remove();
  },
  'a download': (to) => {
    const link = document.body.appendChild(document.createElement('a'));
    link.href = to;
    link.download = 'x.exe';
    link.click();
    link.remove();
  },
  'a web view': (to) => {
    const view = document.body.appendChild(document.createElement('webview'));
    view.setAttribute('src', to);
    view.setAttribute('nodeintegration', '');
  },
};

/** Ways to tell somebody outside. */
export const SENDING: Readonly<Record<string, Way>> = {
  fetch: (to) => fetch(to, { mode: 'no-cors' }),
  'a request': (to) => {
    const request = new XMLHttpRequest();
    request.open('GET', to);
    request.send();
  },
  'a beacon': (to) => navigator.sendBeacon(to, 'x'),
  'a socket': (to) => new WebSocket(to.replace(/^http/, 'ws')),
  events: (to) => new EventSource(to),
  'a worker': (to) => new Worker(to),
  'a shared worker': (to) => new SharedWorker(to),
  'a service worker': (to) => navigator.serviceWorker.register(to),
  'a picture': (to) => {
    new Image().src = to;
  },
  'a picture of a style': (to) => {
    document.body.style.backgroundImage = `url(${to})`;
  },
  'a font': (to) => new FontFace('x', `url(${to})`).load(),
  'an element': (to) => {
    for (const [name, attribute] of [
      ['script', 'src'],
      ['iframe', 'src'],
      ['embed', 'src'],
      ['object', 'data'],
      ['video', 'src'],
      ['audio', 'src'],
    ] as const) {
      const element = document.createElement(name);
      try {
        element.setAttribute(attribute, to);
        document.body.append(element);
      } catch {
        // Trusted Types.
      }
    }
  },
  'a hint': (to) => {
    for (const rel of [
      'prefetch',
      'preload',
      'preconnect',
      'dns-prefetch',
      'modulepreload',
      'stylesheet',
      'manifest',
      'icon',
    ]) {
      const link = document.head.appendChild(document.createElement('link'));
      link.rel = rel;
      link.href = to;
    }
  },
  'a call': async (to) => {
    const { host } = new URL(to);
    const iceServers = [
      { urls: `stun:${host}` },
      { urls: `turn:${host}?transport=tcp`, username: 'records', credential: 'x' },
      { urls: `turn:${host}?transport=udp`, username: 'records', credential: 'x' },
    ];
    const connection = new RTCPeerConnection({ iceServers });
    connection.createDataChannel('x');
    await connection.setLocalDescription(await connection.createOffer());
    await new Promise<void>((resolve) => {
      connection.onicegatheringstatechange = () => connection.iceGatheringState === 'complete' && resolve();
      if (connection.iceGatheringState === 'complete') resolve();
      setTimeout(resolve, 2_000);
    });
    connection.close();
  },
};

/** Ways to run a text as a script. */
export const RUNNING: Readonly<Record<string, Way>> = {
  markup: () => {
    document.createElement('div').innerHTML = '<img src=x onerror="ran()">';
  },
  'markup beside': () => document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="ran()">'),
  'a whole page': () => document.write('<script>ran()</script>'),
  'a page in a frame': () => {
    document.createElement('iframe').srcdoc = '<script>parent.ran()</script>';
  },
  'a parser': () => new DOMParser().parseFromString('<b>x</b>', 'text/html'),
  'a piece': () => document.createRange().createContextualFragment('<script>ran()</script>'),
  eval: () => Reflect.get(window, 'eval')('ran()'),
  'a function': () => new Function('ran()')(),
  'a timer': () => Reflect.get(window, 'setTimeout')('ran()', 0),
  'a script': () => {
    document.createElement('script').text = 'ran()';
  },
  'the address of a script': () => {
    document.createElement('script').src = 'data:text/javascript,ran()';
  },
  'a script of pieces': () => {
    const script = document.createElement('script');
    script.append('ran()');
    document.body.append(script);
    throw new Error('it is refused without a word');
  },
  'an attribute': () => document.body.setAttribute('onclick', 'ran()'),
  'a policy of its own': () =>
    Reflect.get(window, 'trustedTypes').createPolicy('any', { createHTML: (x: string) => x }),
  'the default policy': () =>
    Reflect.get(window, 'trustedTypes').createPolicy('default', { createHTML: (x: string) => x }),
};

/** What only a person may grant, by how a page asks for it. */
export const ASKING: Readonly<Record<string, () => unknown>> = {
  notifications: () => Notification.requestPermission(),
  camera: () => navigator.mediaDevices.getUserMedia({ video: true }),
  microphone: () => navigator.mediaDevices.getUserMedia({ audio: true }),
  both: () => navigator.mediaDevices.getUserMedia({ audio: true, video: true }),
  screen: () => navigator.mediaDevices.getDisplayMedia(),
  place: () => new Promise((done, refused) => navigator.geolocation.getCurrentPosition(done, refused)),
  clipboard: () => navigator.clipboard.readText(),
  'all of the clipboard': () => navigator.clipboard.read(),
  midi: () => navigator.requestMIDIAccess({ sysex: true }),
  usb: () => Reflect.get(navigator, 'usb').requestDevice({ filters: [] }),
  serial: () => Reflect.get(navigator, 'serial').requestPort(),
  hid: () => Reflect.get(navigator, 'hid').requestDevice({ filters: [] }),
  bluetooth: () => Reflect.get(navigator, 'bluetooth').requestDevice({ acceptAllDevices: true }),
  idleness: () => Reflect.get(window, 'IdleDetector').requestPermission(),
  fonts: () => Reflect.get(window, 'queryLocalFonts')(),
  screens: () => Reflect.get(window, 'getScreenDetails')(),
  // It is looked for afterwards: where nobody has a screen nothing is said.
  'the whole screen': () => {
    document.body.requestFullscreen().catch(() => undefined);
    return false;
  },
  'the pointer': () => Reflect.get(document.body, 'requestPointerLock').call(document.body),
  'the keyboard': () => Reflect.get(navigator, 'keyboard').lock(),
  'being awake': () => navigator.wakeLock.request('screen'),
  'lasting storage': () => navigator.storage.persist(),
};

/** What is asked of Chromium whether it was granted. */
export const GRANTS = [
  'accelerometer',
  'ambient-light-sensor',
  'background-fetch',
  'background-sync',
  'camera',
  'clipboard-read',
  'clipboard-write',
  'display-capture',
  'geolocation',
  'gyroscope',
  'idle-detection',
  'local-fonts',
  'magnetometer',
  'microphone',
  'midi',
  'notifications',
  'payment-handler',
  'persistent-storage',
  'push',
  'screen-wake-lock',
  'storage-access',
  'window-management',
] as const;
