import dicomParser from 'dicom-parser';
import { t } from '../words/t.ts';
import type { Content } from './content.ts';
import { addButton, type Frame, make } from './frame.ts';
import { measured, place, TOO_MANY_PIXELS } from './image.ts';
import { isUncompressed, type NoPicture, type Picture, pictureOf, windowed } from './pixels.ts';

const TOO_LARGE = 512 << 20;

const WORDS: Readonly<Record<NoPicture | 'damaged' | 'unreadable', readonly [words: string, code?: string]>> = {
  none: [t('There is no picture in this DICOM file that Wardlight can show.')],
  'too-many-pixels': TOO_MANY_PIXELS,
  damaged: [t('The picture in this DICOM file is damaged.')],
  unreadable: [t('This DICOM file is damaged, or compressed in a way that Wardlight can’t read.')],
};

/** Shows the pictures of a DICOM file as far as they are not compressed, or are JPEG, one after the other. */
export async function showDicom(frame: Frame, content: Content): Promise<void> {
  if ((await content.size()) > TOO_LARGE) return frame.say(t('This DICOM file is too large to be shown in Wardlight.'));
  const bytes = await content.all(() => undefined);
  const picture = read(bytes);
  if (typeof picture === 'string') return frame.say(...WORDS[picture]);
  const size = { width: picture.columns, height: picture.rows };
  const canvas = make('canvas', { ...size, ariaLabel: t('The picture'), role: 'img' });
  if (!draw(canvas, await pixelsOf(picture, bytes, 0))) return frame.say(...WORDS.damaged);
  place(frame, canvas, size);
  if (picture.frames > 1) addFrames(frame, picture, canvas, (index) => pixelsOf(picture, bytes, index));
  if (picture.frames < picture.declared)
    addCaution(
      frame,
      t('{frames} of {declared} pictures are there', { frames: picture.frames, declared: picture.declared }),
    );
  addCaution(frame, t('For a look only: not for diagnosis'));
}

function addCaution({ bar }: Frame, textContent: string): void {
  bar.append(make('span', { className: 'caution', textContent }));
}

function read(bytes: Uint8Array): Picture | NoPicture | 'unreadable' {
  try {
    return pictureOf(dicomParser.parseDicom(bytes));
  } catch {
    return 'unreadable';
  }
}

/** One picture; null where it is damaged, or not as large as it is said to be. */
async function pixelsOf(picture: Picture, bytes: Uint8Array, index: number): Promise<CanvasImageSource | null> {
  const { rows, columns } = picture;
  if (!isUncompressed(picture.syntax)) return decoded(picture, picture.encapsulated(index));
  const pixels = windowed(picture, bytes, index);
  return pixels && createImageBitmap(new ImageData(pixels, columns, rows));
}

async function decoded({ rows, columns }: Picture, jpeg: Uint8Array<ArrayBuffer> | null) {
  if (!jpeg) return null;
  const image = make('img');
  const url = URL.createObjectURL(new Blob([jpeg], { type: 'image/jpeg' }));
  try {
    await measured(image, url);
    if (image.naturalWidth !== columns || image.naturalHeight !== rows) return null;
    await image.decode();
    return image;
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Draws a picture, or clears what was there: one of another place would be taken for it. */
function draw(canvas: HTMLCanvasElement, picture: CanvasImageSource | null): boolean {
  const context = canvas.getContext('2d');
  context?.clearRect(0, 0, canvas.width, canvas.height);
  if (picture) context?.drawImage(picture, 0, 0);
  return picture !== null && context !== null;
}

function addFrames(
  { bar }: Frame,
  { frames }: Picture,
  canvas: HTMLCanvasElement,
  pictureAt: (index: number) => Promise<CanvasImageSource | null>,
): void {
  let at = 0;
  const where = make('span', { className: 'where', textContent: t('1 of {frames}', { frames }), role: 'status' });
  const go = async (next: number) => {
    at = Math.min(frames - 1, Math.max(0, next));
    const wanted = at;
    const picture = await pictureAt(wanted);
    // Whoever goes on quickly sees the last one, not the slowest.
    if (at !== wanted) return;
    const words = draw(canvas, picture) ? '' : t(': damaged');
    where.textContent = t('{at} of {frames}{words}', { at: at + 1, frames, words });
  };
  addButton(bar, { name: '‹', title: t('Picture before'), keys: ['PageUp', 'ArrowLeft'] }, () => void go(at - 1));
  bar.append(where);
  addButton(bar, { name: '›', title: t('Next picture'), keys: ['PageDown', 'ArrowRight'] }, () => void go(at + 1));
}
