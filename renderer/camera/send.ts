const QUALITY = 0.92;

const JPEG = 'data:image/jpeg;base64,';

/**
 * What is on a canvas, as JPEG: nothing but the picture, with neither place nor time nor camera. Not by `toBlob`: Chromium
 * does that when it has nothing else to do, and seven seconds later where that never comes. Null where Chromium makes
 * none, for want of memory for one ("data:,", HTML 4.12.5).
 */
export function toJpeg(canvas: Pick<HTMLCanvasElement, 'toDataURL'>): Uint8Array<ArrayBuffer> | null {
  const address = canvas.toDataURL('image/jpeg', QUALITY);
  if (!address.startsWith(JPEG)) return null;
  return Uint8Array.from(atob(address.slice(JPEG.length)), (letter) => letter.charCodeAt(0));
}

/**
 * Sends a photo to main, which takes one at this address. In memory, not as a blob, which main would have to read from
 * somewhere. What becomes of it the page hears from main: a refusal as much as the rest.
 */
export function send(captureId: string, photo: Uint8Array<ArrayBuffer>): Promise<void> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/photo/${captureId}`);
    request.onloadend = () => resolve();
    request.send(photo);
  });
}
