import { useCallback, useEffect, useLayoutEffect, useState, useSyncExternalStore } from 'react';
import type { Theme } from '../../preload/contract/preferences.ts';
import { bridge } from './bridge.ts';

export type Scheme = 'light' | 'dark';

const systemDark = () => window.matchMedia('(prefers-color-scheme: dark)');
const isSystemDark = () => systemDark().matches;

function onSystemScheme(listener: () => void): () => void {
  const media = systemDark();
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
}

/** The theme that the person chose, the scheme that follows from it, and how to choose. Puts the scheme on the page. */
export function useThemePreference(): { theme: Theme; scheme: Scheme; choose: (theme: Theme) => void } {
  const [theme, setTheme] = useState<Theme>('system');
  const dark = useSyncExternalStore(onSystemScheme, isSystemDark);

  useEffect(() => {
    let live = true;
    const read = async () => {
      const answer = await bridge().preferences.theme({});
      if (live && answer.ok) setTheme(answer.value);
    };
    read().catch(() => undefined);
    return () => {
      live = false;
    };
  }, []);

  const choose = useCallback((next: Theme) => {
    setTheme(next);
    bridge()
      .preferences.setTheme({ theme: next })
      .catch(() => undefined);
  }, []);

  const scheme = theme === 'system' ? (dark ? 'dark' : 'light') : theme;
  useLayoutEffect(() => {
    document.documentElement.dataset['mantineColorScheme'] = scheme;
  }, [scheme]);
  return { theme, scheme, choose };
}
