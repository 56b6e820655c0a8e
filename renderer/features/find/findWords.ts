import type { PanelFound } from '../../../preload/contract/find.ts';
import { t } from '../../words/t.ts';

/** Where is searched: one chart, or all of the clinician's patients. */
export type FindScope = 'chart' | 'panel';

interface Found {
  readonly items: readonly unknown[];
  readonly total: number;
  readonly more: boolean;
}

/** How much was found, and how much of it is listed. */
export function foundWords({ items, total, more }: Found): string {
  if (total === 0) return more ? t('Too many records have these words: add another one.') : t('Nothing found.');
  if (more)
    return t('More than {total} records. {shown} of them are listed, and newer ones may be missing: add a word.', {
      total,
      shown: items.length,
    });
  return items.length < total
    ? t('{total} records; the newest {shown} are listed.', { total, shown: items.length })
    : t('{total, plural, one {# record.} other {# records.}}', { total });
}

/** Patients of whom not everything is here. */
export function incompleteWords({ panel, incomplete }: Pick<PanelFound, 'panel' | 'incomplete'>): string | null {
  if (incomplete === 0) return null;
  return t(
    'Of {incomplete} of {panel, plural, one {# patient} other {# patients}} not everything is on this workstation.',
    {
      incomplete,
      panel,
    },
  );
}
