import { expect } from 'vitest';
import { openInMemory } from '../../../main/cache/open.ts';
import type { ReadOperations, SeenAsOf } from '../../../main/cache/operations.ts';
import { createReads } from '../../../main/cache/reads/index.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import { createWrites } from '../../../main/cache/writes/index.ts';
import { binderHtml } from '../../../main/downtime/html.ts';
import { sheetBlocks } from '../../../main/downtime/sheet.ts';
import { wordsIn } from '../../../main/downtime/words.ts';
import { chart } from '../../../preload/contract/chart.ts';
import { find } from '../../../preload/contract/find.ts';
import { notes } from '../../../preload/contract/notes.ts';
import { patients } from '../../../preload/contract/patients.ts';
import { results } from '../../../preload/contract/results.ts';
import { sync } from '../../../preload/contract/sync.ts';
import { type TimelineEntry, timeline } from '../../../preload/contract/timeline.ts';
import { fill, listsAll, seesAll } from './support.ts';

const ALL = { kinds: [], text: '', from: null, to: null, withdrawn: true };
const words = wordsIn('en');
const facts = { words, host: 's.example', now: Date.parse('2026-03-01T11:00:00Z'), gridStartHour: 6 };

/** Charts of some patients made of these records; `types`: of which they are shown. */
export function openCharts(
  patients: readonly string[],
  resources: readonly object[],
  types: readonly string[] = seesAll.sight.shown.types,
) {
  const db = openInMemory(cacheMigrations);
  const store = { read: createReads(db), write: createWrites(db) };
  fill(store, patients, resources);
  const newest = Number(db.prepare('SELECT coalesce(max(lid), 0) FROM label').pluck().get());
  const labels = Array.from({ length: newest + 1 }, (_, at) => at);
  const sight = { ...seesAll.sight, newest, shown: { types, labels } };
  return { ...store, db, sight, ask: (patientId: string) => askEveryView(store.read, { patientId, sight }) };
}

interface Answered {
  /** Bytes of each view's answer. */
  readonly bytes: Readonly<Record<string, number>>;
  /** `Type/id` of all that the timeline shows, one by one. */
  readonly shown: ReadonlySet<string>;
  readonly texts: string;
}

/**
 * Asks for every view of a chart as the page does, and checks each answer as the bridge does: what the contract doesn't
 * allow would be an error in place of the view.
 */
export async function askEveryView(read: ReadOperations, seen: SeenAsOf): Promise<Answered> {
  const { calls } = timeline;
  const bytes: Record<string, number> = {};
  const said: string[] = [];
  const note = <Value>(view: string, schema: { parse(value: unknown): Value }, answer: unknown): Value => {
    const text = JSON.stringify(answer);
    bytes[view] = Math.max(bytes[view] ?? 0, text.length);
    said.push(text);
    return schema.parse(answer);
  };
  const { patientId, sight } = seen;
  note('chart', chart.calls.read.response, read.chartSummary(seen));
  const groups = note('results', results.calls.list.response, read.resultGroups(seen)).groups;
  for (const { code } of groups) note('trend', results.calls.trend.response, await read.trend({ ...seen, code }));
  const outline = note('outline', calls.outline.response, read.timelineOutline({ ...seen, filter: ALL }));
  const entries: TimelineEntry[] = [];
  for (const after of [null, ...outline.marks]) {
    const page = note('page', calls.page.response, read.timelinePage({ ...seen, filter: ALL, after }));
    entries.push(...page.items);
  }
  expect(entries.length).toBe(outline.total);
  const single = entries.flatMap((entry) => {
    if (entry.count === 1) return [entry];
    return note('group', calls.group.response, read.timelineGroup({ ...seen, key: entry.key })).items;
  });
  for (const { type, id } of single) {
    note('record', calls.record.response, read.record({ ...seen, type, id, version: null }));
    if (type === 'DocumentReference' && seen.asOf === undefined)
      note('note', notes.calls.read.response, read.note({ patientId, sight, noteId: id }));
  }
  if (seen.asOf === undefined) await askPresent(read, seen, note);
  return { bytes, shown: new Set(single.map(({ type, id }) => `${type}/${id}`)), texts: said.join('\n') };
}

type Note = <Value>(view: string, schema: { parse(value: unknown): Value }, answer: unknown) => Value;

/** Views that are of now alone. */
async function askPresent(read: ReadOperations, { patientId, sight }: SeenAsOf, note: Note): Promise<void> {
  const seen = { patientId, sight };
  note('early warning', results.calls.earlyWarning.response, await read.earlyWarning(seen));
  note('moments', timeline.calls.moments.response, read.pastMoments(seen));
  note('sections', sync.calls.sections.response, { items: read.knownSections(seen) });
  note('find', find.calls.inChart.response, read.findInChart({ ...seen, text: 'a' }));
  const list = { query: '', sort: 'name' as const, descending: false, offset: 0, limit: 50 };
  const lists = { ...listsAll, sight: { ...listsAll.sight, newest: sight.newest } };
  note('patients', patients.calls.list.response, read.patientList({ ...list, ...lists }));
  expect(read.documentList(seen)).not.toBeNull();
  const records = read.downtimeRecords({ ...seen, since: '2026-02-28T10:00:00Z' });
  if (!records) throw new Error('no sheet');
  const sheet = { ...records, changes: [], hiddenChanges: 0 };
  note('sheet', { parse: String }, binderHtml(words, [sheetBlocks(sheet, facts, null)], 'foot', 'A4'));
}
