import type { AuditEvent } from 'fhir/r4';
import { ACTION_SYSTEM, type AuditAction } from '../events/actions.ts';
import { labelsIn, type PatientFacts } from '../events/details.ts';

/** What the rules go by: all of it is told by the AuditEvent alone. */
export interface Fact {
  /** Of the AuditEvent. */
  readonly id: string;
  /** Milliseconds. */
  readonly at: number;
  readonly action: AuditAction;
  /** `Practitioner/<id>`; null where nobody had signed in, or the program did it. */
  readonly person: string | null;
  readonly roles: readonly string[];
  /** The workstation. */
  readonly device: string;
  readonly patientId: string | null;
  readonly about: PatientFacts | null;
  readonly emergency: boolean;
  readonly milliseconds: number | null;
  /** The patient's sheet was put into a binder that stays encrypted on the workstation, or looked at there. */
  readonly isInBinder: boolean;
}

type Entity = NonNullable<AuditEvent['entity']>[number];

function detail(entity: Entity | undefined, type: string): string | undefined {
  return entity?.detail?.find((one) => one.type === type)?.valueString;
}

function relationOf(told: string | undefined): PatientFacts['relation'] {
  return told === 'care-team' || told === 'panel' ? told : 'none';
}

function aboutOf(entity: Entity): PatientFacts | null {
  if (!entity.detail) return null;
  const holds = (type: string) => detail(entity, type) === 'true';
  return {
    relation: relationOf(detail(entity, 'relation')),
    labels: labelsIn(entity),
    discharged: detail(entity, 'discharged') ?? null,
    sameFamilyName: holds('same-family-name'),
    ownRecord: holds('own-record'),
    colleague: holds('colleague'),
  };
}

/** A deletion has BALP's one subtype, which names itself. */
function actionOf({ subtype = [] }: AuditEvent): AuditAction {
  return (subtype.find(({ system }) => system === ACTION_SYSTEM)?.code ?? 'delete') as AuditAction;
}

/** Whether it is an alarm, or a person's judgement of one. */
export function isOfAlarms(event: AuditEvent): boolean {
  const action = actionOf(event);
  return action === 'alarm' || action === 'alarm-false';
}

/** Reads an AuditEvent of ours. */
export function factOf(event: AuditEvent): Fact {
  const { agent, entity = [], source, purposeOfEvent = [] } = event;
  const user = agent.find(({ who }) => who?.reference !== undefined);
  const patient = entity.find(({ what, role }) => role?.code === '1' && what?.reference?.startsWith('Patient/'));
  const context = entity.find(({ name }) => name !== undefined);
  const milliseconds = Number(detail(context, 'milliseconds') ?? Number.NaN);
  return {
    id: event.id ?? '',
    at: Date.parse(event.recorded),
    action: actionOf(event),
    person: user?.who?.reference ?? null,
    roles: (user?.role ?? []).flatMap(({ coding = [] }) => coding.map(({ system = '', code }) => `${system}|${code}`)),
    device: source.observer.identifier?.value ?? '',
    patientId: patient?.what?.reference?.slice('Patient/'.length) ?? null,
    about: patient ? aboutOf(patient) : null,
    emergency: purposeOfEvent.some(({ coding = [] }) => coding.some(({ code }) => code === 'BTG')),
    milliseconds: Number.isNaN(milliseconds) ? null : milliseconds,
    isInBinder: detail(context, 'recipient') === BINDER,
  };
}

/** `recipient` of what stays on the workstation, in a binder for a downtime: nobody has chosen its patients one by one. */
export const BINDER = 'downtime-binder';

const OPENS: ReadonlySet<AuditAction> = new Set(['read', 'denied', 'emergency', 'open-restricted']);
const LEAVES: ReadonlySet<AuditAction> = new Set(['print', 'export', 'copy']);

/** A look at a chart, or a try. A search's answer is none: it shows names, and nobody chose them. */
export const isChart = ({ action, patientId, isInBinder }: Fact): boolean =>
  patientId !== null && OPENS.has(action) && !isInBinder;
/** Something of a chart goes onto paper, into a file or to another program. */
export const isOutput = ({ action, isInBinder }: Fact): boolean => LEAVES.has(action) && !isInBinder;
