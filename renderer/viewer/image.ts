import { t } from '../words/t.ts';
import type { Content } from './content.ts';
import { addButton, type Frame, make } from './frame.ts';
import { addZoom } from './zoom.ts';

/** Pictures that the browser draws. SVG isn't among them: it is a program as much as a picture. */
const TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp']);
const PADDING = 24;
/** Policy lets no more be opened (documents.maxPixels); this is for what main could not measure. */
export const PIXELS_MAX = 1 << 28;
/** Of a picture that is drawn smaller than it is: still several times the window's. */
const SHRUNK_MAX = 48 << 20;
export const TOO_MANY_PIXELS = [t('This picture has too many pixels to be shown.'), 'content-too-many-pixels'] as const;

/** Shows a picture, upright as its own orientation says. */
export async function showImage(frame: Frame, content: Content): Promise<void> {
  const { contentType } = frame.shown;
  if (!TYPES.has(contentType)) return frame.say(t('Pictures of this kind can’t be shown in Wardlight.'));
  const bytes = await content.all((done, total) => {
    frame.stage.dataset['progress'] = String(Math.floor((100 * done) / total));
  });
  const blob = new Blob([bytes], { type: contentType });
  const url = URL.createObjectURL(blob);
  const image = make('img', { alt: t('The picture') });
  const size = () => ({ width: image.naturalWidth, height: image.naturalHeight });
  try {
    await measured(image, url);
    // Before any pixel is unpacked.
    if (image.naturalWidth * image.naturalHeight > PIXELS_MAX) return frame.say(...TOO_MANY_PIXELS);
    place(
      frame,
      await image.decode().then(
        () => image,
        () => shrunk(blob, size()),
      ),
      size(),
    );
  } catch {
    frame.say(t('This picture is damaged, or too large to be shown.'), 'content-undrawable');
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Chromium keeps no picture unpacked that is larger than a part of its memory: such a one is drawn smaller, once. */
async function shrunk(blob: Blob, { width, height }: { width: number; height: number }): Promise<HTMLCanvasElement> {
  const factor = Math.min(1, Math.sqrt(SHRUNK_MAX / (width * height)));
  const [wide, high] = [Math.ceil(width * factor), Math.ceil(height * factor)];
  const bitmap = await createImageBitmap(blob, { resizeWidth: wide, resizeHeight: high });
  const canvas = make('canvas', { width: wide, height: high, ariaLabel: t('The picture'), role: 'img' });
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas;
}

/** Lets the browser read how large a picture is; it unpacks none that isn't shown yet. */
export function measured(image: HTMLImageElement, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    image.onload = () => resolve();
    image.onerror = () => reject(new Error('damaged'));
    image.src = url;
  });
}

/** Puts a picture onto the stage, with buttons to zoom and to turn it. */
export function place(frame: Frame, picture: HTMLElement, size: { width: number; height: number }): void {
  const { stage, bar } = frame;
  const holder = make('div', { className: 'picture' });
  let turned = 0;
  const shape = () => (turned % 180 === 0 ? size : { width: size.height, height: size.width });
  const fitting = () => {
    const { width, height } = shape();
    const [wide, high] = [stage.clientWidth - PADDING, stage.clientHeight - PADDING];
    // What is small is not blown up.
    return Math.min(1, Math.max(wide, 1) / width, Math.max(high, 1) / height);
  };
  const draw = () => {
    const factor = zoom.factor(fitting());
    const { width, height } = shape();
    Object.assign(holder.style, { width: `${width * factor}px`, height: `${height * factor}px` });
    Object.assign(picture.style, {
      width: `${size.width * factor}px`,
      height: `${size.height * factor}px`,
      transform: `translate(-50%, -50%) rotate(${turned}deg)`,
    });
  };
  const zoom = addZoom(frame, fitting, draw);
  addButton(bar, { name: t('Turn'), title: t('Turn right'), keys: ['r'] }, () => {
    turned = (turned + 90) % 360;
    draw();
  });
  holder.append(picture);
  stage.replaceChildren(holder);
  draw();
  stage.dataset['ready'] = '';
}
