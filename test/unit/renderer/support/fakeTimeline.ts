import type { Bridge } from '../../../../preload/contract/index.ts';
import type {
  EntryKind,
  RecordView,
  TimelineEntry,
  TimelineFilter,
  TimelineOutline,
  VersionLine,
} from '../../../../preload/contract/timeline.ts';
import { AS_OF, NOTHING_WITHHELD } from './fakeData.ts';

const DAY = 86_400_000;
const PAGE = 100;

/** An invented entry; each ten days another month begins. */
export function fakeEntry(index: number, more: Partial<TimelineEntry> = {}): TimelineEntry {
  const time = Date.parse(AS_OF) - index * 10 * DAY;
  return {
    key: `${-time}_${index}`,
    kind: 'problem',
    type: 'Condition',
    id: `c${index}`,
    title: `Problem ${index}`,
    details: [],
    time: new Date(time).toISOString(),
    status: 'active',
    withdrawn: false,
    masked: false,
    unsent: null,
    count: 1,
    abnormal: 0,
    values: [],
    ...more,
  };
}

/** How one kind stands. */
export function fakeKind(kind: EntryKind, more: Partial<TimelineOutline['kinds'][number]> = {}) {
  const state = 'complete' as const;
  return { kind, count: 1, state, asOf: AS_OF, deletionsUnknown: false, withheld: NOTHING_WITHHELD, ...more };
}

export function fakeVersion(more: Partial<VersionLine> = {}): VersionLine {
  return {
    version: 'current',
    versionId: '2',
    lastUpdated: AS_OF,
    knownFrom: AS_OF,
    knownUntil: null,
    ended: 'current',
    who: 'Dr Osei',
    unsent: null,
    ...more,
  };
}

export interface FakeTimeline {
  readonly entries?: readonly TimelineEntry[];
  readonly kinds?: TimelineOutline['kinds'];
  readonly calls?: Partial<Bridge['timeline']>;
  /** Versions of every record, the newest first. */
  readonly versions?: readonly Pick<RecordView, 'shown' | 'fields'>[];
}

function outlineOf(entries: readonly TimelineEntry[], kinds: TimelineOutline['kinds']): TimelineOutline {
  const months: TimelineOutline['months'] = [];
  for (const { time } of entries) {
    const month = time?.slice(0, 7) ?? null;
    const last = months.at(-1);
    if (last?.month === month) last.count += 1;
    else months.push({ month, count: 1 });
  }
  const marks = entries.flatMap(({ key }, index) =>
    (index + 1) % PAGE === 0 && index + 1 < entries.length ? [key] : [],
  );
  return { total: entries.length, marks, months, omitted: 0, kinds, asOf: AS_OF };
}

const ok = async <Value>(value: Value) => ({ ok: true as const, value });
const fail = async <const Code extends string>(code: Code) => ({ ok: false as const, error: { code } });

/** The timeline of every patient, and what was asked of it. */
export function createFakeTimeline(
  options: FakeTimeline,
  asked: (call: string, request: unknown) => void,
): Bridge['timeline'] {
  const { entries = [fakeEntry(0), fakeEntry(1)], kinds = [fakeKind('problem')], versions = [], calls = {} } = options;
  const shown = ({ text, kinds, withdrawn }: TimelineFilter) =>
    entries.filter(
      (entry) =>
        (withdrawn || !entry.withdrawn) &&
        (kinds.length === 0 || kinds.includes(entry.kind)) &&
        entry.title.toLowerCase().includes(text.toLowerCase()),
    );
  return {
    outline: (request) => {
      asked('timeline.outline', request);
      return ok(outlineOf(shown(request.filter), kinds));
    },
    page: (request) => {
      asked('timeline.page', request);
      const all = shown(request.filter);
      const from = request.after === null ? 0 : all.findIndex(({ key }) => key === request.after) + 1;
      return ok({ items: all.slice(from, from + PAGE) });
    },
    group: () => ok({ items: [fakeEntry(5, { title: 'Sodium' }), fakeEntry(6, { title: 'Potassium' })], omitted: 0 }),
    record: (request) => {
      asked('timeline.record', request);
      const version = versions.find(({ shown }) => request.version === null || shown.version === request.version);
      if (!version) return fail('not-found');
      const lines = versions.map(({ shown }) => shown);
      return ok({
        kind: 'problem',
        type: request.type,
        id: request.id,
        title: 'Asthma',
        ...version,
        narrative: null,
        omitted: 0,
        versions: lines,
        hidden: 0,
      });
    },
    moments: () => ok({ since: '2026-03-01T10:00:00Z', syncs: [AS_OF] }),
    ...calls,
  };
}
