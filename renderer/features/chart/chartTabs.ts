import type { Command } from '../../app/commands.ts';
import { t } from '../../words/t.ts';

export type TabName = 'summary' | 'results' | 'notes' | 'data' | 'documents' | 'timeline' | 'accesses';

/** A part of the chart, under its tab. */
interface TabTitle {
  readonly name: TabName;
  readonly title: string;
}

export const TABS: readonly TabTitle[] = [
  { name: 'summary', title: t('Summary') },
  { name: 'results', title: t('Results') },
  { name: 'notes', title: t('Notes') },
  { name: 'data', title: t('Stored data') },
  { name: 'documents', title: t('Documents') },
  { name: 'timeline', title: t('Timeline') },
];

/** For who watches over the record of access. */
export const ACCESSES: TabTitle = { name: 'accesses', title: t('Who has seen it') };

/** The parts of the chart for the palette; their keys are their numbers. */
export function tabCommands(tabs: readonly TabTitle[], goTo: (name: TabName) => void): Command[] {
  return tabs.map(({ name, title }, index) => ({
    ...{ id: `tab-${name}`, title, words: t('chart'), keys: `${index + 1}` },
    run: () => goTo(name),
  }));
}
