import type { ElectronApplication } from 'playwright';
import type { RunningApp } from './app.ts';
import { withExif } from './files.ts';

/** A photo of a wound as a camera makes it: a JPEG that tells where it was taken. */
export async function photo(app: ElectronApplication, place: string): Promise<Buffer> {
  const base64 = await app.evaluate(({ nativeImage }) => {
    const [width, height] = [1600, 1200];
    const bitmap = Buffer.alloc(width * height * 4);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const wound = Math.hypot((x - 800) / 1.6, y - 600) < 260;
        const noise = (x * 31 + y * 17) % 23;
        bitmap.set(wound ? [40 + noise, 30 + noise, 150, 255] : [140, 170 + noise, 225, 255], (y * width + x) * 4);
      }
    }
    return nativeImage.createFromBitmap(bitmap, { width, height }).toJPEG(90).toString('base64');
  });
  return withExif(Buffer.from(base64, 'base64'), place);
}

/** The next file dialog answers with this file. */
function willPick(app: ElectronApplication, path: string): Promise<void> {
  return app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] });
  }, path);
}

/** Attaches a file to the patient whose documents are shown. */
export async function attach({ app, page }: RunningApp, path: string, title: string): Promise<void> {
  await willPick(app, path);
  await page.getByTestId('attach-file').click();
  await page.getByTestId('attach-title').fill(title);
  await page.getByTestId('attach-confirm').click();
  await page.getByTestId('document-row').filter({ hasText: title }).waitFor();
}
