/** What has shown nothing by then is taken to never do so. */
export const FIRST_MS = 60_000;

/** Resolves as the work does; where it takes too long, that is told once, and what becomes of it isn't waited for. */
export function inTime(work: Promise<void>, onTooLong: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      onTooLong();
      resolve();
    }, FIRST_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
