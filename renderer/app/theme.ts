import { createTheme, type MantineColorSchemeManager } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useCallback, useEffect, useState } from 'react';
import type { Theme } from '../../preload/contract/preferences.ts';
import { bridge } from './bridge.ts';

/** Sizes and defaults; colours are CSS variables in theme.css, because the page's CSP allows no injected <style>. */
export const mantineTheme = createTheme({
  respectReducedMotion: true,
  cursorType: 'pointer',
  defaultRadius: 'sm',
  components: {
    Button: { defaultProps: { size: 'xs' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
  },
});

/** Mantine keeps the scheme in localStorage by default; main keeps ours, so this one keeps nothing. */
export const noColorSchemeStore: MantineColorSchemeManager = {
  get: (fallback) => fallback,
  set: () => undefined,
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => undefined,
};

export type Scheme = 'light' | 'dark';

/** The theme that the person chose, the scheme that follows from it, and how to choose. */
export function useThemePreference(): { theme: Theme; scheme: Scheme; choose: (theme: Theme) => void } {
  const [theme, setTheme] = useState<Theme>('system');
  const systemDark = useMediaQuery('(prefers-color-scheme: dark)', false, { getInitialValueInEffect: false });

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

  const scheme = theme === 'system' ? (systemDark ? 'dark' : 'light') : theme;
  return { theme, scheme, choose };
}
