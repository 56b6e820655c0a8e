import dicomParser from 'dicom-parser';
import type { Content } from './content.ts';
import { addButton, type Frame, make } from './frame.ts';
import { place } from './image.ts';
import { isUncompressed, JPEG_BASELINE, type Picture, pictureOf, windowed } from './pixels.ts';

const TOO_LARGE = 512 << 20;

/** Shows the pictures of a DICOM file as far as they are not compressed, or are JPEG, one after the other. */
export async function showDicom(frame: Frame, content: Content): Promise<void> {
  if ((await content.size()) > TOO_LARGE) return frame.say('This DICOM file is too large to be shown in Wardlight.');
  const bytes = await content.all(() => undefined);
  const picture = read(bytes);
  if (typeof picture === 'string') return frame.say(picture);
  const canvas = make('canvas', { width: picture.columns, height: picture.rows });
  if (!(await draw(canvas, picture, bytes, 0))) return frame.say('The picture in this DICOM file is damaged.');
  place(frame, canvas, { width: picture.columns, height: picture.rows });
  if (picture.frames > 1) addFrames(frame, picture.frames, (index) => void draw(canvas, picture, bytes, index));
  frame.bar.append(make('span', { className: 'caution', textContent: 'For a look only: not for diagnosis' }));
}

/** The picture, or in words why it can't be shown. */
function read(bytes: Uint8Array): Picture | string {
  let data: dicomParser.DataSet;
  try {
    data = dicomParser.parseDicom(bytes);
  } catch {
    return 'This DICOM file is damaged, or compressed in a way that Wardlight can’t read.';
  }
  return pictureOf(data) ?? 'There is no picture in this DICOM file that Wardlight can show.';
}

async function draw(canvas: HTMLCanvasElement, picture: Picture, bytes: Uint8Array, index: number): Promise<boolean> {
  const context = canvas.getContext('2d');
  if (!context) return false;
  if (isUncompressed(picture.syntax)) {
    const pixels = windowed(picture, bytes, index);
    if (pixels) context.putImageData(new ImageData(pixels, picture.columns, picture.rows), 0, 0);
    return pixels !== null;
  }
  const jpeg = picture.syntax === JPEG_BASELINE ? picture.encapsulated(index) : null;
  const bitmap = jpeg && (await createImageBitmap(new Blob([jpeg], { type: 'image/jpeg' })).catch(() => null));
  if (bitmap) context.drawImage(bitmap, 0, 0);
  return bitmap !== null;
}

function addFrames({ bar }: Frame, count: number, onFrame: (index: number) => void): void {
  let at = 0;
  const where = make('span', { className: 'where' });
  const go = (next: number) => {
    at = Math.min(count - 1, Math.max(0, next));
    where.textContent = `${at + 1} of ${count}`;
    onFrame(at);
  };
  addButton(bar, { name: '‹', title: 'Picture before', keys: ['PageUp', 'ArrowLeft'] }, () => go(at - 1));
  bar.append(where);
  addButton(bar, { name: '›', title: 'Next picture', keys: ['PageDown', 'ArrowRight'] }, () => go(at + 1));
  go(0);
}
