import { beforeAll, describe, expect, it } from 'vitest';
import { chart } from '../../../preload/contract/chart.ts';
import { FOUND_MAX, find } from '../../../preload/contract/find.ts';
import { results } from '../../../preload/contract/results.ts';
import { UNCUT } from '../../../preload/contract/section.ts';
import { TIMELINE_PAGE, timeline } from '../../../preload/contract/timeline.ts';
import { openCharts } from './every-view.ts';
import { SERVER_TIME } from './support.ts';

/** Half of it values, as in a long stay in intensive care. */
const KINDS = [
  ...['Observation', 'Observation', 'Observation', 'Observation', 'Observation'],
  ...['Condition', 'Encounter', 'DocumentReference', 'MedicationRequest', 'AllergyIntolerance'],
];
const ENTRIES = 100_000;
const OF_EACH = ENTRIES / KINDS.length;
const ALL = { kinds: [], text: '', from: null, to: null, withdrawn: true };
const subject = { reference: 'Patient/p' };

function entry(at: number): object {
  const resourceType = KINDS[at % KINDS.length] ?? '';
  const time = new Date(Date.UTC(2010, 0, 1) + at * 3_600_000).toISOString();
  const words = { text: `Kind ${at % 997}`, coding: [{ system: 'urn:x', code: `${at % 97}` }] };
  const value =
    resourceType === 'Observation' ? { effectiveDateTime: time, valueQuantity: { value: at % 100, unit: 'mg' } } : {};
  const about = resourceType === 'AllergyIntolerance' ? { patient: subject } : { subject };
  return { resourceType, id: `r${at}`, ...about, code: words, description: words.text, date: time, ...value };
}

/** Characters of what crosses the bridge; a view that held the whole chart would have tens of millions. */
const LARGEST = 1_500_000;

describe('a chart of 100,000 entries', () => {
  let charts: ReturnType<typeof openCharts>;
  let seen: { patientId: string; sight: ReturnType<typeof openCharts>['sight'] };
  beforeAll(() => {
    charts = openCharts(
      ['p'],
      [{ resourceType: 'Patient', id: 'p' }, ...Array.from({ length: ENTRIES }, (_, at) => entry(at))],
    );
    seen = { patientId: 'p', sight: charts.sight };
  }, 180_000);

  /** What the contract lets through of an answer that is bounded. */
  function bounded<Value>(schema: { parse(value: unknown): Value }, answer: unknown): Value {
    expect(JSON.stringify(answer).length).toBeLessThan(LARGEST);
    return schema.parse(answer);
  }

  const isWhole = ({ items, total }: { items: readonly unknown[]; total: number }) => [items.length, total];

  it('is a summary of some of each section, with how many there are', () => {
    const { response } = chart.calls.read;
    for (const asOf of [undefined, SERVER_TIME]) {
      const told = bounded(response, charts.read.chartSummary({ ...seen, ...(asOf && { asOf }) }));
      const { allergies, problems, medications, encounters, notes } = told;
      for (const section of [problems, medications, notes]) expect(isWhole(section)).toEqual([200, OF_EACH]);
      // Of safety data as much as any chart has; that a hostile one has more is said.
      expect(isWhole(allergies)).toEqual([UNCUT, OF_EACH]);
      expect(isWhole(encounters)).toEqual([60, OF_EACH]);
      expect(told.results).toMatchObject({ total: 97 });
    }
  });

  it('is a timeline of all of it, page by page', () => {
    const { outline, page } = timeline.calls;
    const told = bounded(outline.response, charts.read.timelineOutline({ ...seen, filter: ALL }));
    expect([told.total, told.omitted, told.marks.length]).toEqual([ENTRIES, 0, ENTRIES / TIMELINE_PAGE - 1]);
    const marks = [null, told.marks[500] ?? '', told.marks.at(-1) ?? ''];
    const pages = marks.map((after) =>
      bounded(page.response, charts.read.timelinePage({ ...seen, filter: ALL, after })),
    );
    expect(pages.map(({ items }) => items.length)).toEqual([100, 100, 100]);
    expect(pages.at(-1)?.items.at(-1)?.id).toBe('r0');
  });

  it('is searched, with how much is found, and whether that is all', () => {
    const { inChart } = find.calls;
    const many = bounded(inChart.response, charts.read.findInChart({ ...seen, text: 'kind' }));
    // A word that stands in every text: not all of them are looked at, and that is said.
    expect([many.items.length, many.more]).toEqual([FOUND_MAX, true]);
    expect(many.total).toBeGreaterThan(50_000);
    const few = bounded(inChart.response, charts.read.findInChart({ ...seen, text: '996' }));
    expect([few.total, few.more]).toEqual([100, false]);
  });

  it('has every value in its trends, and is a downtime sheet that ends', async () => {
    const { list, trend } = results.calls;
    const { groups } = bounded(list.response, charts.read.resultGroups(seen));
    expect(groups).toHaveLength(97);
    const [first] = groups;
    const told = bounded(trend.response, await charts.read.trend({ ...seen, code: first?.code ?? '' }));
    expect(told.series.flatMap(({ points }) => points.text.split('\n')).length).toBeGreaterThan(500);
    const sheet = charts.read.downtimeRecords({ ...seen, since: '2021-01-01T00:00:00Z' });
    expect(JSON.stringify(sheet).length).toBeLessThan(LARGEST);
    expect(sheet?.chart.allergies.total).toBe(OF_EACH);
  });
});
