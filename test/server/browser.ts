/** What a person does in the system browser to sign in, over real HTTP: for tests and machines without a display. */

interface Page {
  status: number;
  location: string | undefined;
  html: string;
}

function createBrowser() {
  const jar = new Map<string, string>();

  async function request(url: URL, init: RequestInit): Promise<Page> {
    const headers = new Headers(init.headers);
    headers.set('accept', 'text/html');
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return {
      status: response.status,
      location: response.headers.get('location') ?? undefined,
      html: await response.text(),
    };
  }

  return {
    get: (url: URL) => request(url, {}),
    post: (url: URL, form: URLSearchParams) => request(url, { method: 'POST', body: form }),
  };
}

const MAX_STEPS = 20;

/** Whether a URL is the app's own loopback redirect rather than a page of the authorization server. */
const isCallback = (url: URL, start: URL) => url.hostname === '127.0.0.1' && url.port !== start.port;

function formAction(html: string, at: URL): URL {
  const action = /<form[^>]*\baction="([^"]+)"/.exec(html)?.[1];
  if (!action) throw new Error(`there is no form at ${at.pathname}`);
  return new URL(action.replaceAll('&amp;', '&'), at);
}

/** Follows the authorization URL, signs in where asked, and ends by calling the loopback redirect. */
export async function followSignIn(authorizeUrl: string, user: { username: string; password: string }): Promise<void> {
  const browser = createBrowser();
  const start = new URL(authorizeUrl);
  let url = start;
  let page = await browser.get(url);
  let signedIn = false;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    if (page.location) {
      url = new URL(page.location, url);
      page = await browser.get(url);
      if (isCallback(url, start)) return;
    } else if (page.html.includes('<form')) {
      if (/type="password"/.test(page.html)) {
        if (signedIn) throw new Error('the sign-in was refused');
        signedIn = true;
      }
      url = formAction(page.html, url);
      page = await browser.post(url, new URLSearchParams({ username: user.username, password: user.password }));
    } else throw new Error(`the sign-in ended at ${url.pathname} with status ${page.status}`);
  }
  throw new Error('the sign-in goes in circles');
}
