import type { ResultGroup } from '../../../preload/contract/results.ts';
import { shortName } from '../../parts/codeNames.ts';
import { t } from '../../words/t.ts';

const CATEGORIES = [
  { category: 'vital-signs', title: t('Vital signs') },
  { category: 'laboratory', title: t('Laboratory') },
  { category: 'other', title: t('Other') },
] as const satisfies readonly { readonly category: ResultGroup['category']; readonly title: string }[];

/** Groups by category, those without a group left out. */
export function byCategory(groups: readonly ResultGroup[]) {
  return CATEGORIES.map(({ category, title }) => ({
    category,
    title,
    groups: groups.filter((group) => group.category === category),
  })).filter((section) => section.groups.length > 0);
}

/** All groups in the order in which the list shows them. */
export function inListOrder(groups: readonly ResultGroup[]): readonly ResultGroup[] {
  return byCategory(groups).flatMap((section) => section.groups);
}

/** Groups whose name, in the server's words or the clinician's, holds every word that was typed. */
export function matchGroups(groups: readonly ResultGroup[], query: string): readonly ResultGroup[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const named = (group: ResultGroup) => `${shortName(group)} ${group.name}`.toLowerCase();
  return groups.filter((group) => words.every((word) => named(group).includes(word)));
}
