import type { PanelFound } from '../../../preload/contract/find.ts';
import { countWords } from '../../parts/sectionWords.ts';

/** Where is searched: one chart, or all of the clinician's patients. */
export type FindScope = 'chart' | 'panel';

interface Found {
  readonly items: readonly unknown[];
  readonly total: number;
  readonly more: boolean;
}

/** How much was found, and how much of it is listed. */
export function foundWords({ items, total, more }: Found): string {
  if (total === 0) return more ? 'Too many records have these words: add another one.' : 'Nothing found.';
  const count = more ? `More than ${countWords(total, 'record')}` : countWords(total, 'record');
  const listed = items.length < total ? `, the newest ${items.length} are listed` : '';
  return `${count}${listed}.${more ? ' Add a word to find less.' : ''}`;
}

/** Patients of whom not everything is here. */
export function incompleteWords({ panel, incomplete }: Pick<PanelFound, 'panel' | 'incomplete'>): string | null {
  if (incomplete === 0) return null;
  return `Of ${incomplete.toLocaleString('en')} of ${countWords(panel, 'patient')} not everything is on this workstation.`;
}
