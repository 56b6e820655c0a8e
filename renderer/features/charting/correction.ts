import type { ReactNode } from 'react';
import type { Rejected } from '../../../preload/contract/charting.ts';
import type { Named } from '../../../preload/contract/clinical.ts';
import type { PendingChange } from '../../../preload/contract/sync.ts';
import { formatDate } from '../../parts/dates.ts';
import { issueWords } from '../sync/issueWords.ts';
import type { Elements, Faults, Typed } from './formTypes.ts';

/** A rejected change that is corrected in a form: what is saved takes its place. */
export interface Correction {
  readonly changeId: string;
  readonly resourceId: string;
  /** What it is, in a clinician's words. */
  readonly title: string;
  readonly rejected: Rejected;
  readonly problem: PendingChange['problem'];
  /** Why it was rejected, above the form. */
  readonly said: ReactNode;
}

/** What the server has against a field, as far as it says which element of the record it means. */
export function marksIn(problem: PendingChange['problem'], elements: Elements): Faults {
  const marks: Record<string, string> = {};
  for (const issue of problem?.issues ?? []) {
    const name = issue.at === null ? null : fieldAt(issue.at, elements);
    if (name !== null) marks[name] ??= issueWords(issue);
  }
  return marks;
}

/** The field that is nearest to a place in the record: `reaction.severity` is the severity's before it is the reaction's. */
function fieldAt(at: string, elements: Elements): string | null {
  let [found, length]: [string | null, number] = [null, 0];
  for (const [name, places] of Object.entries(elements)) {
    for (const place of places) {
      const isWithin = at === place || at.startsWith(`${place}.`);
      if (isWithin && place.length > length) [found, length] = [name, place.length];
    }
  }
  return found;
}

/** A text with the coding that was chosen for it, as it stands in a form. */
export function typedNamed(name: string, { text, coding }: Named): Typed {
  const coded = coding
    ? { [`${name}.system`]: coding.system, [`${name}.code`]: coding.code, [`${name}.display`]: coding.display }
    : {};
  return { [name]: text, ...coded };
}

/** A date as it is typed; nothing where there is none. */
export function typedDay(date: string | null): string {
  return date === null ? '' : formatDate(date);
}
