import type { Frame } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { inMain, type RunningApp } from '../support/app.ts';
import { packed, pngBomb } from '../support/bombs.ts';
import { DEFLATED, dicomFile, JPEG_BASELINE } from '../support/dicom.ts';
import { picturesOf } from '../support/pictures.ts';
import { opens } from '../support/viewer/documents.ts';
import { hostilePdf } from '../support/viewer/files.ts';
import { goToDocuments, startViewer } from '../support/viewer/start.ts';
import { jpeg } from '../unit/documents/intake/pictures.ts';

/* Documents of somebody whose program did not look at them, or of whom main's look was deceived. */

const GIB = 2 ** 30;
const EDGE = 128;
/** Slices, each of one grey. */
const slices = (greys: readonly number[]) => Buffer.concat(greys.map((grey) => Buffer.alloc(EDGE * EDGE, grey)));
const hugeImage =
  '/Type/XObject/Subtype/Image/Width 30000/Height 30000/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/FlateDecode';
const hugePage = '/MediaBox[0 0 1000000 1000000]/Resources<</XObject<</I 4 0 R>>>>/Contents 5 0 R';

let running: RunningApp;
/** A frame's process has. */
let hasEnded = false;
const shoot = picturesOf('bombs');

beforeAll(async () => {
  running = await startViewer({
    [opens.d1.handle]: pngBomb(30_000, 30_000),
    [opens.d2.handle]: hostilePdf('/Contents 4 0 R', [['/Filter/FlateDecode', packed(12 * 1_024)]]),
    [opens.d3.handle]: Buffer.from('Still here'),
    [opens.d4.handle]: dicomFile({ rows: 60_000, columns: 60_000, pixels: Buffer.alloc(4) }),
    [opens.d5.handle]: hostilePdf(hugePage, [
      [hugeImage, packed(1)],
      ['', Buffer.from('0 0 300000 300000 re f q 400000 0 0 400000 500000 500000 cm /I Do Q')],
    ]),
    [opens.d6.handle]: dicomFile({ syntax: DEFLATED, pixels: Buffer.alloc(4) }),
    [opens.d11.handle]: dicomFile({
      ...{ syntax: JPEG_BASELINE, rows: 8, columns: 8, frames: 3 },
      pixels: [jpeg({ tail: Buffer.alloc(0) }), jpeg({ width: 16, tail: Buffer.alloc(0) }), jpeg()],
    }),
    [opens.d12.handle]: dicomFile({ rows: EDGE, columns: EDGE, frames: 2_000, pixels: slices([0, 128, 255]) }),
    [opens.d13.handle]: pngBomb(14_000, 14_000),
  });
  const { page } = running;
  // The viewer takes the page's theme, unless Playwright says otherwise.
  await page.emulateMedia({ colorScheme: null });
  await goToDocuments(page);
});
afterAll(() => running?.app.close());
afterEach(async () => {
  if (hasEnded) return;
  const open = running.page.getByTestId('viewer-close');
  if ((await open.count()) > 0) await open.click();
});

async function open(id: keyof typeof opens): Promise<Frame> {
  const { page } = running;
  await page.locator(`[data-document-id=${id}]`).getByTestId('document-open').click();
  const frame = await (await page.getByTestId('viewer-frame').elementHandle())?.contentFrame();
  if (!frame) throw new Error('no frame');
  return frame;
}

async function said(id: keyof typeof opens): Promise<string> {
  const message = (await open(id)).locator('.message[data-final]');
  await message.waitFor();
  return (await message.textContent()) ?? '';
}

/** The grey in the middle of the picture. */
function greyOf(frame: Frame): Promise<number> {
  return frame.locator('.picture canvas').evaluate((canvas: HTMLCanvasElement) => {
    return canvas.getContext('2d')!.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[0] ?? -1;
  });
}

describe('security: documents that are made to take all memory', () => {
  it('security: a picture of 900 megapixels is not unpacked', async () => {
    expect(await said('d1')).toContain('content-undrawable');
    await shoot(running.page, 'picture');
  });

  it('security: a page of 350 metres with a picture of 900 megapixels is drawn small, and says what is left out', async () => {
    const frame = await open('d5');
    await frame.waitForSelector('[data-page="1"][data-drawn]');
    const area = await frame.locator('[data-page="1"] canvas').evaluate((canvas: HTMLCanvasElement) => {
      return canvas.width * canvas.height;
    });
    expect(area).toBeLessThanOrEqual(1 << 26);
    expect(await frame.locator('.caution').textContent()).toContain('not shown');
    await shoot(running.page, 'page');
  });

  it('security: DICOM of 60,000 rows and columns, or deflated, is not drawn', async () => {
    expect(await said('d4')).toContain('content-too-many-pixels');
    await running.page.getByTestId('viewer-close').click();
    expect(await said('d6')).toContain('can’t be shown');
  });
});

describe('pictures at the edge of what can be shown', () => {
  it('shows one of 196 megapixels', async () => {
    const frame = await open('d13');
    await frame.waitForSelector('.picture');
    expect(await frame.locator('.picture > *').count()).toBe(1);
    await shoot(running.page, 'large');
  });

  it('shows each picture of DICOM under its own number, and says how many are missing', async () => {
    const frame = await open('d12');
    await frame.waitForSelector('.picture canvas');
    expect(await frame.locator('.caution').allTextContents()).toEqual([
      '3 of 2000 pictures are there',
      'For a look only: not for diagnosis',
    ]);
    await frame.getByRole('button', { name: 'Next picture' }).click();
    await frame.getByText('2 of 3').waitFor();
    await shoot(running.page, 'dicom');
    await frame.getByRole('button', { name: 'Next picture' }).click();
    await frame.getByText('3 of 3', { exact: true }).waitFor();
  });

  it('shows no picture of DICOM that is not as large as it is said to be, nor the one before under its number', async () => {
    const frame = await open('d11');
    await frame.waitForSelector('.picture canvas');
    const first = await greyOf(frame);
    await frame.getByRole('button', { name: 'Next picture' }).click();
    await frame.getByText('2 of 3: damaged').waitFor();
    const alpha = await frame.locator('.picture canvas').evaluate((canvas: HTMLCanvasElement) => {
      return canvas.getContext('2d')!.getImageData(4, 4, 1, 1).data[3];
    });
    expect(alpha).toBe(0);
    await frame.getByRole('button', { name: 'Next picture' }).click();
    await frame.getByText('3 of 3', { exact: true }).waitFor();
    expect(await greyOf(frame)).toBe(first);
  });
});

/** What the window says now, asked in main: Playwright takes the end of a frame's process for that of the page. */
async function asked(script: string): Promise<string> {
  const answer = await running.app.evaluate(
    ({ BrowserWindow }, code) => BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(code),
    script,
  );
  return String(answer);
}

/** Text of the frame that shows a document. */
async function shownText(): Promise<string> {
  const text = await inMain(running.app, ({ BrowserWindow }) => {
    const frames = BrowserWindow.getAllWindows()[0]?.webContents.mainFrame.framesInSubtree ?? [];
    return frames.length === 2 ? frames[1]?.executeJavaScript('document.body.innerText') : '';
  });
  return String(text);
}

// The last: Playwright can't use the page after it.
describe('security: the window outlives what it shows', () => {
  it('security: a PDF that unpacks to 12 GiB takes its own process along, and nothing else', async () => {
    const failure = `document.querySelector('[data-testid=failure]')?.dataset.code ?? ''`;
    const press = (selector: string) => asked(`document.querySelector(${JSON.stringify(selector)}).click()`);
    hasEnded = true;
    await press('[data-document-id=d2] [data-testid=document-open]');
    await vi.waitFor(async () => expect(await asked(failure)).toBe('viewer-stopped'), { timeout: 20_000 });
    expect(await asked(`String(document.querySelectorAll('iframe').length)`)).toBe('0');
    const largest = await inMain(running.app, ({ app }) =>
      Math.max(...app.getAppMetrics().map(({ memory }) => memory.workingSetSize * 1_024)),
    );
    expect(largest).toBeLessThan(GIB);
    await press('[data-testid=viewer-close]');
    await press('[data-document-id=d3] [data-testid=document-open]');
    await vi.waitFor(async () => expect(await shownText()).toContain('Still here'), { timeout: 20_000 });
  });
});
