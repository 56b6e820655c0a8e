import type { Theme } from '../../preload/contract/preferences.ts';
import { bridge } from './bridge.ts';

export type Scheme = 'light' | 'dark';

/** What the person chose, and the scheme that follows from it. */
export interface ThemeChoice {
  readonly theme: Theme;
  readonly scheme: Scheme;
}

/** The theme of the page, which is always on the page's root element as well. */
export interface ThemeStore {
  /** The same object until something changes. */
  readonly current: () => ThemeChoice;
  readonly subscribe: (listener: () => void) => () => void;
  readonly choose: (theme: Theme) => void;
  readonly end: () => void;
}

/** Follows the system's scheme at once, and the person's choice as soon as main has told it. */
export function createThemeStore(): ThemeStore {
  const systemDark = window.matchMedia('(prefers-color-scheme: dark)');
  const listeners = new Set<() => void>();
  let choice: ThemeChoice = { theme: 'system', scheme: 'light' };
  let live = true;

  const put = (theme: Theme) => {
    const scheme = theme === 'system' ? (systemDark.matches ? 'dark' : 'light') : theme;
    document.documentElement.dataset['mantineColorScheme'] = scheme;
    choice = { theme, scheme };
    for (const listener of listeners) listener();
  };
  const onSystem = () => put(choice.theme);
  const read = async () => {
    const answer = await bridge().preferences.theme({});
    if (live && answer.ok) put(answer.value);
  };

  put('system');
  systemDark.addEventListener('change', onSystem);
  read().catch(() => undefined);

  return {
    current: () => choice,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    choose(theme) {
      put(theme);
      bridge()
        .preferences.setTheme({ theme })
        .catch(() => undefined);
    },
    end() {
      live = false;
      systemDark.removeEventListener('change', onSystem);
    },
  };
}
