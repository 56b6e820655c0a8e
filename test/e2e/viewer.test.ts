import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Frame } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createIntake } from '../../main/documents/intake/intake.ts';
import { inMain, type RunningApp } from '../support/app.ts';
import { picturesOf } from '../support/pictures.ts';
import { documents, opens } from '../support/viewer/documents.ts';
import { dicomRamp, maliciousPdf, pdf } from '../support/viewer/files.ts';
import { goToDocuments, startViewer } from '../support/viewer/start.ts';
import { gif, jpeg, png, webp } from '../unit/documents/intake/pictures.ts';

const PAGES = 300;
const long = pdf(PAGES, { padding: 40_000 });
const TEXT = 'Rang at 03:12.\n<img src=x onerror=alert(1)><b>not bold</b> Größe';
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>';

let running: RunningApp;
const shoot = picturesOf('documents');

async function stripped(contentType: string, bytes: Buffer): Promise<Buffer> {
  const passage = createIntake().strip(contentType);
  return passage ? buffer(Readable.from([bytes]).pipe(passage)) : bytes;
}

beforeAll(async () => {
  running = await startViewer({
    [opens.d1.handle]: await stripped('image/jpeg', jpeg({ orientation: 6, width: 16 })),
    [opens.d2.handle]: long,
    [opens.d3.handle]: Buffer.from(TEXT),
    [opens.d4.handle]: dicomRamp(),
    [opens.d5.handle]: maliciousPdf(),
    [opens.d6.handle]: Buffer.from(SVG),
  });
  const { page } = running;
  page.on('dialog', () => dialogs.push('one'));
  await goToDocuments(page);
});
afterAll(() => running?.app.close());
// One that fails leaves the next its page.
afterEach(async () => {
  const open = running.page.getByTestId('viewer-close');
  if ((await open.count()) > 0) await open.click();
});

const dialogs: string[] = [];

/** Opens a document as a person does, and answers the frame that shows it. */
async function open(id: keyof typeof opens): Promise<Frame> {
  const { page } = running;
  await page.locator(`[data-document-id=${id}]`).getByTestId('document-open').click();
  const element = await page.getByTestId('viewer-frame').elementHandle();
  const frame = await element?.contentFrame();
  if (!frame) throw new Error('no frame');
  await frame.waitForSelector('.stage');
  return frame;
}

async function close(): Promise<void> {
  await running.page.getByTestId('viewer-close').click();
  await running.page.getByTestId('viewer').waitFor({ state: 'detached' });
}

const requests = () => inMain(running.app, () => [...(Reflect.get(globalThis, 'requests') as string[])]);

describe('the viewer', () => {
  it('shows a photo upright after its metadata was taken out, enlarges and turns it', async () => {
    const frame = await open('d1');
    const image = frame.locator('.picture img');
    await image.waitFor();
    const natural = await image.evaluate((one: HTMLImageElement) => [one.naturalWidth, one.naturalHeight]);
    expect(natural).toEqual([8, 16]);
    await frame.getByRole('button', { name: 'Larger' }).click();
    expect(await image.evaluate((one) => (one as HTMLElement).style.width)).toBe('10px');
    await running.page.keyboard.press('r');
    expect(await image.evaluate((one) => (one as HTMLElement).style.transform)).toContain('rotate(90deg)');
    await close();
  });

  it.each([
    ['image/png', png({ width: 3, height: 2, orientation: 6 }), [2, 3]],
    ['image/webp', webp(), null],
    ['image/gif', gif(), [1, 1]],
  ] as const)('what is left of %s is a picture that the browser draws', async (contentType, bytes, size) => {
    const data = (await stripped(contentType, bytes)).toString('base64');
    const drawn = await running.page.evaluate(
      async ([type, body]) => {
        const image = new Image();
        image.src = `data:${type};base64,${body}`;
        await image.decode();
        return [image.naturalWidth, image.naturalHeight];
      },
      [contentType, data] as const,
    );
    if (size) expect(drawn).toEqual(size);
  });

  it('shows a long PDF without reading all of it, draws what is near, and goes to any page', async () => {
    const frame = await open('d2');
    await frame.waitForSelector('[data-page="1"][data-drawn]');
    await shoot(running.page, 'pdf');
    expect(await frame.locator('.sheet').count()).toBe(PAGES);
    expect(await frame.locator('.sheet canvas').count()).toBeLessThan(6);
    expect(await frame.locator('[data-page="1"] .said').textContent()).toContain('Page 1 of the record');
    // The text is drawn: Helvetica comes with the viewer, not with the file.
    expect(await inkOf(frame, 1)).toBeGreaterThan(200);
    // No more than what is shown, and what has to be known to go on.
    const read = await running.app.evaluate((_, handle) => {
      const reads = Reflect.get(globalThis, 'reads') as { handle: string; length: number }[];
      return reads.filter((one) => one.handle === handle).reduce((sum, { length }) => sum + length, 0);
    }, opens.d2.handle);
    expect(read).toBeLessThan(long.length / 4);
    const field = frame.getByRole('spinbutton', { name: 'Page' });
    await field.fill(String(PAGES));
    await field.press('Enter');
    await frame.waitForSelector(`[data-page="${PAGES}"][data-drawn]`);
    expect(await frame.locator('[data-page="1"] canvas').count()).toBe(0);
    await close();
  });

  it('shows a text as text', async () => {
    const frame = await open('d3');
    await frame.waitForSelector('.text');
    expect(await frame.locator('.text').textContent()).toBe(TEXT);
    expect(await frame.locator('.text *').count()).toBe(0);
    await shoot(running.page, 'text');
    await close();
  });

  it('shows DICOM by its window, and says that it is not for diagnosis', async () => {
    const frame = await open('d4');
    await frame.waitForSelector('.picture canvas');
    const row = await frame.locator('.picture canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, 1);
      return Array.from({ length: canvas.width }, (_, at) => data[4 * at] ?? 0);
    });
    expect([row[0], row.at(-1)]).toEqual([0, 255]);
    expect(row[15]).toBe(0);
    expect(row[48]).toBe(255);
    expect(row[32]).toBeGreaterThan(120);
    expect(row[32]).toBeLessThan(140);
    expect(await frame.locator('.caution').textContent()).toContain('not for diagnosis');
    await close();
  });
});

/** How many dark points a page has. */
function inkOf(frame: Frame, number: number): Promise<number> {
  return frame.locator(`[data-page="${number}"] canvas`).evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    let dark = 0;
    for (let at = 0; at < data.length; at += 4) if ((data[at] ?? 255) < 100) dark += 1;
    return dark;
  });
}

describe('security: the viewer', () => {
  it('security: runs nothing of a PDF: no script, no address, no program, no form', async () => {
    const frame = await open('d5');
    await frame.waitForSelector('[data-page="1"][data-drawn]');
    expect(await inkOf(frame, 1)).toBeGreaterThan(200);
    expect(await frame.locator('.stage').locator('a, button, input, form, iframe, object, embed').count()).toBe(0);
    await frame.locator('[data-page="1"]').click({ position: { x: 150, y: 300 } });
    await close();
    expect(dialogs).toEqual([]);
    expect((await requests()).filter((url) => !url.startsWith('app://') && !url.startsWith('blob:'))).toEqual([]);
    expect(running.app.windows()).toHaveLength(1);
  });

  it('security: shows no SVG, whatever it is said to be', async () => {
    const frame = await open('d6');
    await frame.waitForSelector('.message[data-final]');
    expect(await frame.locator('.message').textContent()).toContain('can’t be shown');
    expect(await frame.locator('img, svg').count()).toBe(0);
    await close();
  });

  it('security: has no bridge, no Node, and asks for nothing but what is open', async () => {
    const frame = await open('d3');
    await frame.waitForSelector('.text');
    const found = await frame.evaluate(async (handle) => {
      const ask = (url: string) =>
        new Promise<number>((resolve) => {
          const request = new XMLHttpRequest();
          request.onloadend = () => resolve(request.status);
          request.open('GET', url);
          request.setRequestHeader('Range', 'bytes=0-9');
          request.send();
        }).catch(() => -1);
      const refused = (work: () => unknown) => {
        try {
          return work() === null ? 'null' : 'done';
        } catch {
          return 'refused';
        }
      };
      return {
        globals: ['wardlight', 'require', 'process', 'Buffer', 'ipcRenderer'].filter((name) => name in window),
        open: await ask(`/content/${handle}`),
        other: await ask('/content/0c6f7a52-3a8e-4a57-9d0b-0000000000ff'),
        own: await ask('/viewer/index.html'),
        page: await ask('app://wardlight/index.html'),
        outside: await ask('https://example.org/'),
        parent: refused(() => parent.document),
        markup: refused(() => {
          document.createElement('div').innerHTML = '<b>x</b>';
        }),
        policy: refused(() => Reflect.get(window, 'trustedTypes').createPolicy('another', {})),
        window: refused(() => window.open('https://example.org/')),
        code: refused(() => new Function('return 1')()),
      };
    }, opens.d3.handle);
    expect(found).toEqual({
      globals: [],
      open: 206,
      other: 404,
      own: 0,
      page: 0,
      outside: 0,
      parent: 'refused',
      markup: 'refused',
      policy: 'refused',
      window: 'null',
      code: 'refused',
    });
    await close();
  });

  it('security: goes nowhere, and takes the page nowhere', async () => {
    const frame = await open('d3');
    await frame.waitForSelector('.text');
    await frame.evaluate(() => location.assign('/viewer/pdf.html'));
    await frame.evaluate(() => location.assign('/content/0c6f7a52-3a8e-4a57-9d0b-000000000003'));
    await frame.evaluate(() => {
      const link = document.createElement('a');
      Object.assign(link, { href: '/viewer/index.html', download: 'x.html', target: '_top' });
      document.body.append(link);
      link.click();
    });
    const above = await frame.evaluate(() => {
      try {
        parent.location.href = 'https://evil.example/';
        return 'went';
      } catch {
        return 'refused';
      }
    });
    expect([above, frame.url().split('#')[0]]).toEqual(['refused', 'app://viewer/viewer/index.html']);
    // The page's policy leaves an empty frame behind, and asks nobody.
    await frame.evaluate(() => location.assign('https://evil.example/')).catch(() => undefined);
    await close();
    expect((await requests()).filter((url) => url.includes('evil'))).toEqual([]);
    expect(running.page.url()).toBe('app://wardlight/index.html');
    expect(running.app.windows()).toHaveLength(1);
  });

  it('security: is all that the page may show in a frame, and its content is not for the page', async () => {
    const { page } = running;
    const blocked = await page.evaluate(async (handle) => {
      const found: string[] = [];
      const three = new Promise<void>((resolve) => {
        document.addEventListener('securitypolicyviolation', ({ blockedURI, effectiveDirective }) => {
          found.push(`${effectiveDirective} ${blockedURI}`);
          if (found.length === 3) resolve();
        });
      });
      const frames = ['https://evil.example/', 'app://cleared/index.html'].map((src) => {
        const frame = document.createElement('iframe');
        frame.src = src;
        document.body.append(frame);
        return frame;
      });
      new Image().src = `app://viewer/content/${handle}`;
      await three;
      for (const frame of frames) frame.remove();
      return found.map((one) => one.replace(handle, '')).sort();
    }, opens.d1.handle);
    expect(blocked.map((one) => one.split('://')[0])).toEqual(['frame-src app', 'frame-src https', 'img-src app']);
    expect((await requests()).filter((url) => url.includes('evil'))).toEqual([]);
  });
});

describe('the page around it', () => {
  it('closes the viewer with Escape, whose key the viewer has', async () => {
    const frame = await open('d3');
    await frame.waitForSelector('.text');
    // Not awaited: Playwright waits for the answer of a frame that is gone by then.
    running.page.keyboard.press('Escape').catch(() => undefined);
    await running.page.getByTestId('viewer').waitFor({ state: 'detached' });
  });

  it('shows the list, the queue and what is picked', async () => {
    const { page } = running;
    await shoot(page, 'list');
    await page.getByTestId('attach-file').click();
    await page.getByTestId('attach-dialog').waitFor();
    await shoot(page, 'attach');
    await page.getByTestId('attach-cancel').click();
    for (const code of ['file-too-many-pixels', 'file-bomb']) {
      await page.getByTestId('attach-file').click();
      const refused = page.getByTestId('attach-refused');
      await refused.waitFor();
      expect(await refused.getByTestId('failure').getAttribute('data-code')).toBe(code);
      await shoot(page, code);
      await refused.getByRole('button', { name: 'Close' }).click();
    }
    expect(await page.getByTestId('document-row').count()).toBe(documents.length);
  });
});
