import { createReads } from '../../../main/cache/reads/index.ts';
import { createWrites } from '../../../main/cache/writes/index.ts';
import { PAGE } from '../../../main/sync/plan.ts';
import { openCacheOf } from '../../support/profile-files.ts';
import { largeSet } from '../data.ts';
import { admissionOf, careTeamOf, panelFrom, pointsOf, type Resource, typeOf } from './made.ts';

export const PATIENTS = 10_000;
export const CHART_RESOURCES = 10_000;
export const TREND_POINTS = 5_000;
export const TIMELINE_ENTRIES = 50_000;
const SERVER_TIME = '2026-11-01T08:00:00.000Z';

/** Patients whose charts are opened; the last one has the trend, and beside them stands the one of the timeline. */
export const CHARTS = ['bench-chart-1', 'bench-chart-2', 'bench-trend'] as const;
export const TREND_PATIENT = 'bench-trend';
export const TIMELINE_PATIENT = 'bench-timeline';

/** What insurers want is no part of a chart, and isn't fetched. */
const NOT_FETCHED = new Set(['Claim', 'ExplanationOfBenefit']);
const SHARED = new Set(['Organization', 'Practitioner']);
const IDS = /("id"\s*:\s*"|"reference"\s*:\s*"(?!Organization|Practitioner)[A-Z][A-Za-z]+\/)([A-Za-z0-9\-.]{1,48})"/g;
const ID = /"id"\s*:\s*"([^"]+)"/;
const OWNER = /"reference"\s*:\s*"Patient\/([^"]+)"/;

/** Fills the cache of a program that has ended: a long list, large charts, a long trend and a long timeline. */
export async function fillCache(userData: string): Promise<{ source: string; resources: number }> {
  const { source, resources } = largeSet();
  const all = resources.map((text) => ({ type: typeOf(text), text })).filter(({ type }) => !NOT_FETCHED.has(type));
  const isPatient = ({ type }: Resource) => type === 'Patient';
  const rest = all.filter((one) => !isPatient(one) && !SHARED.has(one.type));
  // In the order of the patients: whoever stands first in another file has more of that than most.
  const records = byOwner([...all.filter(isPatient), ...rest]).filter((one) => !isPatient(one));
  const own = [...CHARTS, TIMELINE_PATIENT];
  const patients = panelFrom(
    all.filter(isPatient).map(({ text }) => text),
    PATIENTS,
    own,
  );
  const ids = patients.map(({ id }) => id);
  const cache = await openStore(userData);
  cache.panel(ids);
  cache.store(
    all.filter(({ type }) => SHARED.has(type)),
    null,
  );
  cache.store(patients.map(asText), ids);
  cache.store(ids.map(careTeamOf).map(asText), ids);
  cache.store(ids.flatMap(admissionOf).map(asText), ids);
  for (const [at, id] of CHARTS.entries()) {
    const points = id === TREND_PATIENT ? pointsOf(id, TREND_POINTS).map(asText) : [];
    const from = at * CHART_RESOURCES;
    cache.store([...points, ...ownedBy(id, records.slice(from, from + CHART_RESOURCES - points.length))], [id]);
  }
  cache.store(ownedBy(TIMELINE_PATIENT, upToEntries(records, TIMELINE_ENTRIES)), [TIMELINE_PATIENT]);
  return { source, resources: cache.close() };
}

function asText(made: { readonly resourceType: string }): Resource {
  return { type: made.resourceType, text: JSON.stringify(made) };
}

function grouped(resources: readonly Resource[], keyOf: (resource: Resource) => string): Map<string, Resource[]> {
  const groups = new Map<string, Resource[]>();
  for (const one of resources) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}

/** The records of one person after those of another, so that a part of them is like a chart. */
function byOwner(records: readonly Resource[]): Resource[] {
  return [
    ...grouped(records, ({ type, text }) => (type === 'Patient' ? ID : OWNER).exec(text)?.[1] ?? '').values(),
  ].flat();
}

/** Records as they would be if they were one patient's. */
function ownedBy(patientId: string, records: readonly Resource[]): Resource[] {
  return records.map(({ type, text }) => ({
    type,
    text: text.replace(IDS, `$1$2-${patientId.slice(-7)}"`).replace(/"Patient\/[^"]+"/g, `"Patient/${patientId}"`),
  }));
}

/** As many records as make so many entries: what was measured at one time is one. */
function upToEntries(records: readonly Resource[], count: number): readonly Resource[] {
  const entries = new Set<string>();
  const end = records.findIndex(({ type, text }, at) => {
    const isMeasured = type === 'Observation' || type === 'DiagnosticReport';
    const time = isMeasured ? /"effectiveDateTime"\s*:\s*"([^"]+)"/.exec(text)?.[1] : undefined;
    if (type !== 'Goal') entries.add(time ?? `#${at}`);
    return entries.size > count * 1.01;
  });
  return end < 0 ? records : records.slice(0, end);
}

/** The cache as a sync writes it: by type, in pages, after the last of which it is complete. */
async function openStore(userData: string) {
  const db = await openCacheOf(userData);
  const [reads, writes] = [createReads(db), createWrites(db)];
  return {
    panel(ids: readonly string[]) {
      const tasks = [{ label: 'bench', resourceType: 'Patient', url: 'Patient', patients: null }];
      writes.startRun({ tasks });
      const seq = reads.tasks({})[0]?.seq ?? 0;
      writes.applyPage({ seq, resources: [], next: null, serverTime: SERVER_TIME });
      writes.expandRun({ panel: ids, tasks: [] });
    },
    store(resources: readonly Resource[], patients: readonly string[] | null) {
      for (const [type, ofType] of grouped(resources, ({ type }) => type)) {
        writes.appendTasks({ tasks: [{ label: 'bench', resourceType: type, url: type, patients }] });
        const seq = reads.tasks({}).at(-1)?.seq ?? 0;
        for (let at = 0; at < ofType.length; at += PAGE) {
          const texts = ofType.slice(at, at + PAGE).map(({ text }) => text);
          const next = at + PAGE < ofType.length ? `${type}?page=${at}` : null;
          writes.applyPage({ seq, resources: texts, next, serverTime: SERVER_TIME });
        }
        db.pragma('wal_checkpoint(PASSIVE)');
      }
    },
    /** Ends the run, lets the planner know its data, and tells how much there is. */
    close(): number {
      writes.finishRun({ asOf: SERVER_TIME });
      const resources = db.prepare('SELECT count(*) FROM resource').pluck().get() as number;
      for (const pragma of ['analysis_limit = 400', 'optimize', 'wal_checkpoint(TRUNCATE)']) db.pragma(pragma);
      db.close();
      return resources;
    },
  };
}
