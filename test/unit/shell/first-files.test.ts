import { expect, it } from 'vitest';
import { readFirstFiles } from '../../../main/shell/first-files.ts';
import { PAGE_URL, type PageAnswer } from '../../../main/shell/protocol.ts';

const html = `<html><head><script src="./assets/words.js"></script>
  <script type="module" crossorigin src="./assets/index.js"></script>
  <link rel="stylesheet" href="./assets/index.css"></head></html>`;
const addresses = ['assets/words.js', 'assets/index.js', 'assets/index.css'].map((name) => `app://wardlight/${name}`);

/** A folder whose files are read when the test lets them be. */
function folder() {
  const reading = new Map<string, () => void>();
  const answer = ({ url }: { url: string }) =>
    new Promise<PageAnswer>((resolve) => {
      const data = Buffer.from(url === PAGE_URL ? html : url);
      reading.set(url, () => resolve({ statusCode: 200, headers: {}, data }));
    });
  const read = async (...urls: string[]) => {
    for (const url of urls) reading.get(url)?.();
    await new Promise(setImmediate);
  };
  return { answer, read };
}

it('hands over the page and what it names once each, and knows when the page has all', async () => {
  const { answer, read } = folder();
  const files = readFirstFiles(PAGE_URL, answer);
  await read(PAGE_URL);
  await read(...addresses);
  expect(files.take(PAGE_URL)?.data.toString()).toBe(html);
  expect(files.take('app://wardlight/assets/other.js')).toBeUndefined();
  for (const url of addresses) {
    expect(files.allTaken()).toBe(false);
    expect(files.take(url)?.data.toString()).toBe(url);
    expect(files.take(url)).toBeUndefined();
  }
  expect(files.allTaken()).toBe(true);
});

it('waits for nothing that the page has asked for before it was read', async () => {
  const { answer, read } = folder();
  const files = readFirstFiles(PAGE_URL, answer);
  expect(files.take(PAGE_URL)).toBeUndefined();
  await read(PAGE_URL);
  for (const url of addresses) expect(files.take(url)).toBeUndefined();
  await read(...addresses);
  expect(files.allTaken()).toBe(true);
});

it('leaves a page that can’t be read to who answers for it otherwise', async () => {
  const files = readFirstFiles(PAGE_URL, async () => ({ statusCode: 404, headers: {}, data: Buffer.alloc(0) }));
  await new Promise(setImmediate);
  expect(files.take(PAGE_URL)?.statusCode).toBe(404);
  expect(files.allTaken()).toBe(true);
});
