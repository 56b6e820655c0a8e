import { createContext, useContext } from 'react';
import type { Theme } from '../../preload/contract/preferences.ts';
import type { Scheme } from './theme.ts';

interface ThemeChoice {
  readonly theme: Theme;
  readonly scheme: Scheme;
  readonly choose: (theme: Theme) => void;
}

export const ThemeContext = createContext<ThemeChoice>({ theme: 'system', scheme: 'light', choose: () => undefined });

/** The theme in force and how to change it. */
export function useThemeChoice(): ThemeChoice {
  return useContext(ThemeContext);
}
