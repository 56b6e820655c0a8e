import { t } from '../words/t.ts';

/** Why there is no picture. */
export type CameraProblem = 'none' | 'busy' | 'refused' | 'unplugged';

export interface OpenCamera {
  readonly stream: MediaStream;
  readonly deviceId: string | null;
  /** Turns the camera off. */
  stop(): void;
}

/** As large as there is, and the camera that looks away from the screen where there are two. */
const WANTED = { width: { ideal: 3840 }, height: { ideal: 2160 } } as const;
/** A camera that doesn't answer is as good as one that is in use. */
const LONGEST_MS = 15_000;

/** Turns a camera on: the one that is wanted, or another where it isn't there any more. Never with sound. */
export async function openCamera(deviceId: string | null): Promise<OpenCamera | CameraProblem> {
  const which = deviceId === null ? { facingMode: { ideal: 'environment' } } : { deviceId: { exact: deviceId } };
  try {
    return opened(await inTime(navigator.mediaDevices.getUserMedia({ audio: false, video: { ...WANTED, ...which } })));
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (name === 'OverconstrainedError' && deviceId !== null) return openCamera(null);
    if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused';
    return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'none' : 'busy';
  }
}

function opened(stream: MediaStream): OpenCamera {
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  return { stream, stop, deviceId: stream.getVideoTracks()[0]?.getSettings().deviceId ?? null };
}

async function inTime(asked: Promise<MediaStream>): Promise<MediaStream> {
  let timer: number | undefined;
  const late = new Promise<null>((resolve) => {
    timer = window.setTimeout(() => resolve(null), LONGEST_MS);
  });
  const stream = await Promise.race([asked, late]);
  window.clearTimeout(timer);
  if (stream) return stream;
  // Should it answer after all, it isn't left on.
  asked.then((one) => opened(one).stop()).catch(() => undefined);
  throw new Error('slow');
}

/** The cameras that there are, by the names that the operating system gives them. */
export async function listCameras(): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const cameras = devices.filter(({ kind }) => kind === 'videoinput');
  return cameras.map(({ deviceId, label }, at) => ({ id: deviceId, name: label || t('Camera {at}', { at: at + 1 }) }));
}
