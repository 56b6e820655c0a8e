import type { PageAnswer, PageRequest } from './protocol.ts';

/** The first page and the files that it names, until each has been asked for. */
export interface FirstFiles {
  /** What to answer at once, once only; undefined for anything else. */
  take(url: string): PageAnswer | undefined;
  /** Whether the page has all that it names. */
  allTaken(): boolean;
}

/**
 * Reads a page and what it names while its process starts: main's one thread then hands each over as it is asked for,
 * instead of going to the disk several times for each between other work.
 */
export function readFirstFiles(page: string, answer: (request: PageRequest) => Promise<PageAnswer>): FirstFiles {
  const waiting = new Map<string, PageAnswer | null>();
  const read = async (url: string) => {
    waiting.set(url, null);
    const file = await answer({ url, method: 'GET' });
    // The page may have been quicker than the disk.
    if (waiting.has(url)) waiting.set(url, file);
    return file;
  };
  void read(page).then(({ data }) => {
    const named = [...data.toString('utf8').matchAll(/ (?:src|href)="([^"]+)"/g)];
    return Promise.all(named.map(([, address = '']) => read(new URL(address, page).href)));
  });
  return {
    take(url) {
      const file = waiting.get(url);
      waiting.delete(url);
      return file ?? undefined;
    },
    allTaken: () => waiting.size === 0,
  };
}
