import type { ResultGroup } from '../../../preload/contract/results.ts';
import { shortName } from '../../parts/codeNames.ts';
import { t } from '../../words/t.ts';

const CATEGORIES = [
  { category: 'vital-signs', title: t('Vital signs') },
  { category: 'laboratory', title: t('Laboratory') },
  { category: 'other', title: t('Other') },
] as const satisfies readonly { readonly category: ResultGroup['category']; readonly title: string }[];

/** Tests that stand together: what was reported together, and the rest of each category. */
export interface GroupSection {
  readonly key: string;
  readonly title: string;
  readonly groups: readonly ResultGroup[];
}

/** Vital signs, then the panels in the order of their newest value, then what is in none; sections without a group left out. */
export function inSections(groups: readonly ResultGroup[]): readonly GroupSection[] {
  return CATEGORIES.flatMap(({ category, title }) => {
    const own = groups.filter((group) => group.category === category);
    // The ward's chart has its own order, whatever a monitor sends together.
    const inPanels = category === 'vital-signs' ? [] : own.filter(({ panel }) => panel !== null);
    const rest = own.filter((group) => !inPanels.includes(group));
    return [...panelSections(inPanels), { key: category, title: titleOf(title, inPanels), groups: rest }];
  }).filter((section) => section.groups.length > 0);
}

function panelSections(groups: readonly ResultGroup[]): GroupSection[] {
  const byCode = new Map<string, { key: string; title: string; groups: ResultGroup[] }>();
  for (const group of groups) {
    const { panel, category } = group;
    if (!panel) continue;
    const key = `${category} ${panel.code}`;
    const section = byCode.get(key) ?? { key, title: panel.name, groups: [] };
    section.groups.push(group);
    byCode.set(key, section);
  }
  return [...byCode.values()];
}

function titleOf(title: string, inPanels: readonly ResultGroup[]): string {
  return inPanels.length === 0 ? title : t('{title}, single tests', { title });
}

/** All groups in the order in which the list shows them. */
export function inListOrder(groups: readonly ResultGroup[]): readonly ResultGroup[] {
  return inSections(groups).flatMap((section) => section.groups);
}

/** Groups whose name, in the server's words or the clinician's, holds every word that was typed. */
export function matchGroups(groups: readonly ResultGroup[], query: string): readonly ResultGroup[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const named = (group: ResultGroup) => `${shortName(group)} ${group.name} ${group.panel?.name ?? ''}`.toLowerCase();
  return groups.filter((group) => words.every((word) => named(group).includes(word)));
}
