import { createContext, useContext } from 'react';
import type { Withheld } from '../../preload/contract/chart.ts';

/** How restricted entries are opened. */
export type OpenHow = NonNullable<Withheld['restricted']>;

const OpenWithheld = createContext<((how: OpenHow) => void) | null>(null);

/** Gives the sections of a chart a way to open what is restricted. */
export const OpenWithheldProvider = OpenWithheld.Provider;

export function useOpenWithheld(): ((how: OpenHow) => void) | null {
  return useContext(OpenWithheld);
}
