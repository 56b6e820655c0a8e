import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Theme } from '../../preload/contract/preferences.ts';
import type { ThemeChoice, ThemeStore } from './theme.ts';

/** The page's one theme, made before React is there. */
export const ThemeContext = createContext<ThemeStore | null>(null);

/** The theme in force and how to change it. */
export function useThemeChoice(): ThemeChoice & { choose: (theme: Theme) => void } {
  const store = useContext(ThemeContext);
  if (!store) throw new Error('no theme around this component');
  const choice = useSyncExternalStore(store.subscribe, store.current);
  return { ...choice, choose: store.choose };
}
