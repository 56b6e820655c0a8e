import type { App } from 'electron';

/** The program's own scheme, as it is registered with the operating system. */
export const LINK_SCHEME = 'wardlight';

/** Links of the program's own scheme, as the operating system hands them over. */
export interface DeepLinks {
  /** Takes every link from now on, and first those that came before anybody took them. */
  take(taker: (link: string) => void): void;
}

/** Links among the arguments of a start; nothing else there is looked at. */
export function linksOf(argv: readonly string[]): string[] {
  return argv.filter((argument) => argument.toLowerCase().startsWith(`${LINK_SCHEME}:`));
}

/** To be made before the app is ready: macOS tells of the link that started the program that early. */
export function collectDeepLinks(app: Pick<App, 'on'>, argv: readonly string[]): DeepLinks {
  const early = linksOf(argv);
  let taker: ((link: string) => void) | null = null;
  const give = (link: string) => {
    if (taker) taker(link);
    else early.push(link);
  };
  app.on('second-instance', (_event, args) => linksOf(args).forEach(give));
  app.on('open-url', (event, link) => {
    event.preventDefault();
    give(link);
  });
  return {
    take(next) {
      taker = next;
      for (const link of early.splice(0)) next(link);
    },
  };
}
