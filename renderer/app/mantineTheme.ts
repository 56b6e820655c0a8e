import { createTheme, type MantineColorSchemeManager } from '@mantine/core';

/** Sizes and defaults; colours are CSS variables in mantine.css, because the page's CSP allows no injected <style>. */
export const mantineTheme = createTheme({
  respectReducedMotion: true,
  cursorType: 'pointer',
  defaultRadius: 'sm',
  components: {
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
