/**
 * The switches that a start of the installed program may carry, with what their values may be. Chromium has more than a
 * thousand, and each version more: what weakens it can't be listed, so everything else is refused.
 */
const ALLOWED: Readonly<Record<string, RegExp>> = {
  'user-data-dir': /^.+$/,
  health: /^$/,
  'support-bundle': /^$/,
  'wardlight-server': /^https:\/\//,
  lang: /^[A-Za-z-]{2,20}$/,
  // For people who see badly, and for screen readers.
  'force-device-scale-factor': /^\d(?:\.\d{1,2})?$/,
  'force-renderer-accessibility': /^(?:complete|basic)?$/,
  // For displays and their drivers.
  'disable-gpu': /^$/,
  'ozone-platform': /^(?:x11|wayland)$/,
  'ozone-platform-hint': /^(?:auto|x11|wayland)$/,
};

/** By which another program reads and steers the page. */
const DEBUGGING: Readonly<Record<string, RegExp>> = {
  'remote-debugging-port': /^\d{1,5}$/,
  'remote-debugging-pipe': /^$/,
};

/** What the program answers on the command line, without a window. */
const QUESTIONS = ['health', 'support-bundle'] as const;
export type Question = (typeof QUESTIONS)[number];

/** What the command line asks of the program; null where it is to be started. */
export function questionOf(argv: readonly string[], platform: NodeJS.Platform): Question | null {
  const names = argv.slice(1).map((argument) => parse(argument, platform)?.name);
  return QUESTIONS.find((one) => names.includes(one)) ?? null;
}

/** The exit code of a start that was refused (EX_USAGE). */
export const REFUSED_EXIT = 64;

export interface StartSwitches {
  /** Names of the switches for which the start is refused. */
  readonly refused: readonly string[];
  /** Whether the program is open to a debugger. */
  readonly isDebugged: boolean;
}

/** A switch as Chromium reads it: blanks around it don't count, one dash or two, on Windows a slash as well. */
function parse(argument: string, platform: NodeJS.Platform): { name: string; value: string } | null {
  const found = (platform === 'win32' ? /^(?:--|-|\/)([^=]+)(?:=(.*))?$/s : /^(?:--|-)([^=]+)(?:=(.*))?$/s).exec(
    argument.trim(),
  );
  return found && { name: (found[1] ?? '').toLowerCase(), value: found[2] ?? '' };
}

/** `mayDebug` is asked only where it matters. Arguments that are no switches are not looked at. */
export function examineStart(
  argv: readonly string[],
  { platform, mayDebug }: { readonly platform: NodeJS.Platform; readonly mayDebug: () => boolean },
): StartSwitches {
  const refused: string[] = [];
  let isDebugged = false;
  for (const argument of argv.slice(1)) {
    const found = parse(argument, platform);
    // macOS names the process so when it is opened from the Finder.
    if (!found || (platform === 'darwin' && /^psn_\d+_\d+$/.test(found.name))) continue;
    const fits = (list: Readonly<Record<string, RegExp>>) =>
      Object.hasOwn(list, found.name) && list[found.name]?.test(found.value) === true;
    if (fits(ALLOWED)) continue;
    if (fits(DEBUGGING) && mayDebug()) isDebugged = true;
    else refused.push(found.name.replace(/[^\w-]/g, '?').slice(0, 60));
  }
  return { refused, isDebugged };
}
