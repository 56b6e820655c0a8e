import { createContext, useContext } from 'react';

/** The past moment (ISO instant) as of which a chart is shown; null where it is shown as it is. */
const Past = createContext<string | null>(null);

export const PastProvider = Past.Provider;

/** Whoever reads records asks as of this moment, and whoever offers to write offers nothing where there is one. */
export function usePast(): string | null {
  return useContext(Past);
}

/** A request as of a moment, or as things are. */
export function asOfPast(past: string | null): { asOf?: string } {
  return past === null ? {} : { asOf: past };
}
