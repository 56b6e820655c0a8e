import { idKey } from '../id-key.ts';
import { CURRENT, HIDDEN, observationBucket } from '../ingest/buckets.ts';
import { observationCode } from '../ingest/facts.ts';
import { bound, conceptText, field, isMasked, items, parseReference } from '../json.ts';
import type { ReadDb } from '../open.ts';
import type { Sight } from '../sight.ts';
import { sql } from '../statements.ts';
import { sectionRecords, termOf } from './sections.ts';

/** The newest reports and groups are enough to know which tests a laboratory does together. */
const REPORTS_MAX = 60;
const MEMBERS_MAX = 100;

export interface Panel {
  readonly code: string;
  readonly name: string;
}

export interface Panels {
  /** The panel that an observation was reported in, else the one that its code was last reported in. */
  of(id: string, code: number): Panel | null;
}

/** Panels of a patient's tests, from her reports (DiagnosticReport.result) and from observations that hold others. */
export function panelsOf(db: ReadDb, pid: number, sight: Sight): Panels {
  const byId = new Map<string, Panel>();
  const byCode = new Map<number, Panel>();
  for (const { panel, members } of panelRecords(db, pid, sight)) {
    for (const id of members) {
      if (!byId.has(id)) byId.set(id, panel);
      const code = codeOf(db, pid, id);
      if (code !== undefined && !byCode.has(code)) byCode.set(code, panel);
    }
  }
  return { of: (id, code) => byId.get(id) ?? byCode.get(code) ?? null };
}

function panelRecords(db: ReadDb, pid: number, sight: Sight): { panel: Panel; members: string[] }[] {
  const { group } = observationBucket;
  const reports = sectionRecords(db, pid, 'DiagnosticReport', [CURRENT, HIDDEN - 1], REPORTS_MAX, sight);
  const groups = sectionRecords(db, pid, 'Observation', [group, group], REPORTS_MAX, sight);
  return [...reports, ...groups].flatMap(({ resource }) => {
    const concept = field(resource, 'code');
    const name = conceptText(concept);
    // What is masked names no panel.
    if (name === undefined || isMasked(concept)) return [];
    const members = [...items(resource, 'result'), ...items(resource, 'hasMember')]
      .slice(0, MEMBERS_MAX)
      .map((one) => parseReference(field(one, 'reference')))
      .flatMap((one) => (one?.type === 'Observation' ? one.id : []));
    // A report of one test is that test.
    return members.length < 2 ? [] : [{ panel: { code: observationCode(resource), name: bound(name) }, members }];
  });
}

function codeOf(db: ReadDb, pid: number, id: string): number | undefined {
  return sql(
    db,
    `SELECT e.code FROM resource r JOIN entry e ON e.rid = r.rid
     WHERE r.type = ? AND r.key = ? AND r.id = ? AND e.patient = ? LIMIT 1`,
  )
    .pluck()
    .get(termOf(db, 'Observation'), idKey(id), id, pid) as number | undefined;
}
