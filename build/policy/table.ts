import type { Bundle } from '../../main/access/policy/bundle.ts';
import { createEngine, type Engine } from '../../main/access/policy/engine.ts';
import {
  type AccessAction,
  actions,
  type Circumstances,
  type PolicyRequest,
  type RecordKind,
} from '../../main/access/policy/vocabulary.ts';

/** `purpose`: once a purpose for treatment was stated; `emergency`: under emergency access. */
export type Reach = 'yes' | 'purpose' | 'emergency' | 'no';

export interface TableRow {
  readonly role: string;
  readonly relation: RecordKind['relation'];
  readonly record: string;
  readonly can: Readonly<Record<AccessAction, Reach>>;
}

const ORDINARY: Circumstances = {
  purpose: 'TREAT',
  stated: false,
  emergency: false,
  offline: false,
  managed: true,
  hour: 10,
};

const records: Readonly<Record<string, Pick<RecordKind, 'resourceType' | 'confidentiality' | 'sensitivity'>>> = {
  'who it is': { resourceType: 'Patient', confidentiality: 'N', sensitivity: [] },
  'a record': { resourceType: 'Observation', confidentiality: 'N', sensitivity: [] },
  'a sensitive one': { resourceType: 'Observation', confidentiality: 'N', sensitivity: ['PSY'] },
  'a restricted one': { resourceType: 'Observation', confidentiality: 'R', sensitivity: [] },
  'a very restricted one': { resourceType: 'Observation', confidentiality: 'V', sensitivity: [] },
};

/** What each role can do, on a managed workstation that is online, in the morning. */
export function tableOf(bundle: Bundle): TableRow[] {
  const engine = createEngine(bundle);
  if (Array.isArray(engine)) return [];
  return ['(no role)', ...Object.keys(bundle.roles)].flatMap((role) =>
    (['care-team', 'panel', 'none'] as const).flatMap((relation) =>
      Object.entries(records).map(([record, kind]) => ({
        role,
        relation,
        record,
        can: Object.fromEntries(
          actions.map((action) => [action, reach(engine, role, action, { ...kind, relation })]),
        ) as Record<AccessAction, Reach>,
      })),
    ),
  );
}

function reach(engine: Engine, role: string, action: AccessAction, record: RecordKind): Reach {
  const principal = { roles: role === '(no role)' ? [] : [role], scopes: null };
  const allows = (change: Partial<Circumstances>) => {
    const request: PolicyRequest = { principal, action, record, circumstances: { ...ORDINARY, ...change } };
    return engine.decide(request).allowed;
  };
  if (allows({})) return 'yes';
  if (allows({ stated: true })) return 'purpose';
  return allows({ stated: true, emergency: true, purpose: 'ETREAT' }) ? 'emergency' : 'no';
}

/** The table as text, in columns. */
export function printed(rows: readonly TableRow[]): string {
  const cells = [
    ['role', 'relation', 'record', ...actions],
    ...rows.map(({ role, relation, record, can }) => [role, relation, record, ...actions.map((action) => can[action])]),
  ];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
