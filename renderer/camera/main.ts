import { make, onKey } from '../viewer/frame.ts';
import { listCameras, type OpenCamera, openCamera } from './devices.ts';
import type { CameraMessage } from './messages.ts';
import { type Problem, problemWords } from './problems.ts';
import { send, toJpeg } from './send.ts';
import './camera.css';
import { t } from '../words/t.ts';

/* Takes one photo: shows what the camera sees, then what was taken, and sends that to main when it is to be used. */

const PAGE_ORIGIN = 'app://wardlight';
const captureId = location.hash.slice(1);

const stage = make('main', { className: 'stage' });
const said = make('p', { className: 'said', role: 'status' });
const bar = make('div', { className: 'bar foot', role: 'toolbar', ariaLabel: t('Camera') });
document.body.append(stage, said, bar);

const video = make('video', { muted: true, autoplay: true, playsInline: true, ariaLabel: t('What the camera sees') });
const still = make('canvas', { ariaLabel: t('The photo that was taken') });
still.setAttribute('role', 'img');
const choice = make('select', { ariaLabel: t('Camera'), title: t('Camera') });

const cancel = button(t('Cancel'), t('Cancel (Esc)'), () => tell('wardlight-camera:close'));
const take = button(t('Take photo'), t('Take photo (Enter)'), () => freeze());
const again = button(t('Take again'), t('Take another picture in its place'), () => void look());
const use = button(t('Use photo'), t('Use this photo (Enter)'), () => void hand());
const retry = button(t('Try again'), t('Look for the camera again'), () => void look());
for (const one of [take, use]) one.className = 'deed';

let camera: OpenCamera | null = null;
let wanted: string | null = null;
/** Which attempt to turn a camera on counts. */
let attempt = 0;
let isWaiting = false;

function button(textContent: string, title: string, onPress: () => void): HTMLButtonElement {
  const made = make('button', { type: 'button', textContent, title });
  made.addEventListener('click', onPress);
  return made;
}

function tell(message: CameraMessage): void {
  turnOff();
  parent.postMessage(message, PAGE_ORIGIN);
}

function turnOff(): void {
  attempt += 1;
  camera?.stop();
  camera = null;
  video.srcObject = null;
}

function dropStill(): void {
  still.width = 0;
  still.height = 0;
}

/** Puts something on the stage, with its buttons; the one that is meant has the focus. */
function show(state: string, what: readonly HTMLElement[], words: string, buttons: readonly HTMLElement[]): void {
  document.body.dataset['state'] = state;
  stage.replaceChildren(...what);
  said.textContent = words;
  bar.replaceChildren(...buttons);
  buttons.at(-1)?.focus();
}

/** Turns the camera on and shows what it sees; what was taken before is dropped. */
async function look(): Promise<void> {
  turnOff();
  dropStill();
  attempt += 1;
  const mine = attempt;
  isWaiting = false;
  show('starting', [make('p', { className: 'message', textContent: t('Turning the camera on…') })], '', [cancel]);
  const opened = await openCamera(wanted);
  if (mine !== attempt) return typeof opened === 'string' ? undefined : opened.stop();
  if (typeof opened === 'string') return fail(opened);
  camera = opened;
  opened.stream.getVideoTracks()[0]?.addEventListener('ended', () => {
    if (camera === opened) fail('unplugged');
  });
  video.srcObject = opened.stream;
  await video.play().catch(() => undefined);
  const several = await offerCameras(opened.deviceId);
  if (mine !== attempt) return;
  show('live', [video], t('The camera is on.'), several ? [choice, cancel, take] : [cancel, take]);
}

function fail(problem: Problem): void {
  turnOff();
  dropStill();
  isWaiting = problem === 'none' || problem === 'unplugged';
  const { title, act } = problemWords(problem, navigator.userAgent);
  const text = make('div', { className: 'message' });
  text.append(make('h1', { textContent: title }), make('p', { textContent: act }));
  show('problem', [text], `${title}. ${act}`, [cancel, retry]);
  document.body.dataset['problem'] = problem;
}

async function offerCameras(current: string | null): Promise<boolean> {
  const cameras = await listCameras();
  choice.replaceChildren(...cameras.map(({ id, name }) => make('option', { value: id, textContent: name })));
  if (current !== null) choice.value = current;
  return cameras.length > 1;
}

/** Keeps the picture of this moment and turns the camera off: it is on only while somebody aims it. */
function freeze(): void {
  if (video.videoWidth === 0) return;
  still.width = video.videoWidth;
  still.height = video.videoHeight;
  still.getContext('2d')?.drawImage(video, 0, 0);
  turnOff();
  show('taken', [still], t('Photo taken, and the camera is off.'), [cancel, again, use]);
}

async function hand(): Promise<void> {
  if (document.body.dataset['state'] !== 'taken') return;
  const photo = toJpeg(still);
  if (!photo) return fail('unmade');
  document.body.dataset['state'] = 'sending';
  for (const one of [again, use]) one.disabled = true;
  said.textContent = t('Handing the photo over…');
  await send(captureId, photo);
  tell('wardlight-camera:taken');
}

choice.addEventListener('change', () => {
  wanted = choice.value;
  void look();
});
navigator.mediaDevices.addEventListener('devicechange', () => {
  if (isWaiting) void look();
  else if (camera) void offerCameras(camera.deviceId);
});
window.addEventListener('pagehide', turnOff);
onKey('Escape', () => tell('wardlight-camera:close'));
void look();
