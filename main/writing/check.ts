import { faultLine } from './r4/fault.ts';
import type { Validator } from './r4/validator.ts';

let loading: Promise<Validator> | null = null;

/**
 * Why a resource is no valid R4, as lines for a person; none where it is. What the server's version has already is no
 * fault of the change: it must not keep anybody from correcting the rest.
 */
export async function faultsIn(body: string, base: string | null = null): Promise<string[]> {
  loading ??= import('./r4/validator.ts').then(({ loadValidator }) => loadValidator());
  const validate = await loading;
  const known = new Set(base === null ? [] : validate(JSON.parse(base) as object).map(faultLine));
  const faults = validate(JSON.parse(body) as object).map(faultLine);
  return faults.filter((line) => !known.has(line)).slice(0, LINES_MAX);
}

const LINES_MAX = 20;
