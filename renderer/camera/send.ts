const QUALITY = 0.92;

/** What is on a canvas, as JPEG: nothing but the picture, with neither place nor time nor camera. */
export function toJpeg(canvas: HTMLCanvasElement): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob.arrayBuffer()) : reject(new Error('no picture'))),
      'image/jpeg',
      QUALITY,
    );
  });
}

/**
 * Sends a photo to main, which takes one at this address. In memory, not as a blob, which main would have to read from
 * somewhere. What becomes of it the page hears from main: a refusal as much as the rest.
 */
export function send(captureId: string, photo: ArrayBuffer): Promise<void> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/photo/${captureId}`);
    request.onloadend = () => resolve();
    request.send(photo);
  });
}
