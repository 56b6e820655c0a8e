import type { AuditEvent } from 'fhir/r4';
import type { AccessLine, AlarmLine, AlarmRule } from '../../../preload/contract/audit.ts';
import { alarmRules } from '../../../preload/contract/audit.ts';
import type { StoredEntry } from '../entries.ts';
import { ACTION_SYSTEM } from '../events/actions.ts';
import { VIEW_SYSTEM } from '../events/entities.ts';
import { readLeaf } from '../log/entry.ts';

/** An entry with its event, read once. What is in a log may have been put there by anybody: nothing is believed. */
export interface ReadEntry {
  readonly seq: number;
  readonly event: Partial<AuditEvent>;
}

/** An access without names. */
export type BareLine = Omit<AccessLine, 'who' | 'patient'> & {
  readonly who: string | null;
  readonly patient: string | null;
};

/** An alarm without names, and without what became of it. */
export type BareAlarm = Pick<AlarmLine, 'id' | 'seq' | 'at' | 'rule' | 'measured' | 'threshold' | 'workstation'> & {
  readonly about: string | null;
  readonly patient: string | null;
  /** Ids of AuditEvents. */
  readonly evidence: readonly string[];
};

/** A person's judgement of an alarm. */
export interface BareMark {
  readonly alarm: string;
  readonly at: string;
  readonly who: string | null;
  readonly reason: string;
}

type Entity = NonNullable<AuditEvent['entity']>[number];

/** Subtypes of events without it: DICOM's (PS3.15, PS3.16 CID 401) and ISO 21089's. */
const STANDARD: Readonly<Record<string, string>> = {
  '110101': 'review',
  '110127': 'emergency-alert',
  '110138': 'emergency-end',
  '110132': 'alarm',
  amend: 'alarm-false',
  originate: 'draft',
  destroy: 'draft-discard',
  merge: 'conflict-decision',
  report: 'print',
  extract: 'export',
};

export function readEntry({ seq, leaf }: StoredEntry): ReadEntry {
  return { seq, event: eventIn(readLeaf(leaf)?.event ?? '{}') };
}

function eventIn(text: string): Partial<AuditEvent> {
  try {
    const event: unknown = JSON.parse(text);
    return typeof event === 'object' && event !== null ? event : {};
  } catch {
    return {};
  }
}

/** What an entry tells of an access. */
export function lineOf({ seq, event }: ReadEntry): BareLine {
  const { purposeOfEvent, recorded } = event;
  const purposes = list(purposeOfEvent).flatMap(({ coding }) => list(coding).flatMap(({ code }) => bounded(code, 64)));
  const isOverride = purposes.includes('BTG');
  const stated = purposes.filter((code) => code !== 'BTG');
  return {
    seq,
    at: bounded(recorded, 40)[0] ?? '',
    who: personOf(event),
    patient: patientOf(event),
    action: actionOf(event),
    view: viewOf(event),
    resourceType: resourceTypeOf(event),
    outcome: outcomeOf(event),
    purposes: (stated.length > 0 ? stated : purposes).slice(0, 10),
    emergency: isOverride,
    reason: detailOf(event, 'reason') ?? null,
    workstation: workstationOf(event),
  };
}

/** What an entry tells of an alarm; null where it is none. */
export function alarmOf({ seq, event }: ReadEntry): BareAlarm | null {
  const id = idOf(event);
  if (id === null || actionOf(event) !== 'alarm') return null;
  return {
    id,
    seq,
    at: bounded(event.recorded, 40)[0] ?? '',
    rule: ruleOf(detailOf(event, 'rule')),
    measured: numberOf(detailOf(event, 'measured')),
    threshold: numberOf(detailOf(event, 'threshold')),
    workstation: workstationOf(event),
    about: referencesTo(event, 'Practitioner')[0] ?? null,
    patient: patientOf(event),
    evidence: referencesTo(event, 'AuditEvent').map(idIn),
  };
}

/** What an entry tells of a person's judgement; null where it is none. */
export function markOf({ event }: ReadEntry): BareMark | null {
  const alarm = referencesTo(event, 'AuditEvent')[0];
  if (alarm === undefined || actionOf(event) !== 'alarm-false') return null;
  const reason = detailOf(event, 'reason') ?? '';
  return { alarm: idIn(alarm), at: bounded(event.recorded, 40)[0] ?? '', who: personOf(event), reason };
}

export function idOf({ id }: Partial<AuditEvent>): string | null {
  return typeof id === 'string' && /^[A-Za-z0-9\-.]{1,64}$/.test(id) ? id : null;
}

function actionOf({ subtype }: Partial<AuditEvent>): string {
  const subtypes = list(subtype);
  // Our own word for it, where an event has it.
  const own = subtypes.find(({ system }) => system === ACTION_SYSTEM);
  const code = bounded((own ?? subtypes[0])?.code, 64)[0] ?? '';
  return own === undefined && Object.hasOwn(STANDARD, code) ? (STANDARD[code] ?? code) : code;
}

function personOf({ agent }: Partial<AuditEvent>): string | null {
  const references = list(agent).flatMap(({ who }) => bounded(who?.reference, 200));
  return references.find((one) => one.startsWith('Practitioner/')) ?? references[0] ?? null;
}

function patientOf(event: Partial<AuditEvent>): string | null {
  const reference = referencesTo(event, 'Patient')[0];
  return reference === undefined ? null : idIn(reference);
}

function referencesTo({ entity }: Partial<AuditEvent>, type: string): string[] {
  const pattern = new RegExp(`^${type}/[A-Za-z0-9\\-.]{1,64}$`);
  return list(entity).flatMap(({ what }) => bounded(what?.reference, 200).filter((one) => pattern.test(one)));
}

const idIn = (reference: string): string => reference.slice(reference.indexOf('/') + 1);

function resourceTypeOf({ entity }: Partial<AuditEvent>): string | null {
  const references = list(entity).flatMap(({ what }) => bounded(what?.reference, 200));
  const own = references.find((one) => !/^(Patient|Practitioner|AuditEvent)\//.test(one));
  return own === undefined ? null : own.slice(0, own.indexOf('/')).slice(0, 64) || null;
}

/** The call stands as a part's name, or as the part of a chart that was read. */
function viewOf({ entity }: Partial<AuditEvent>): string | null {
  const entities: Entity[] = list(entity);
  const named = entities.find(({ name }) => name !== undefined && !['reason', 'details', 'context'].includes(name));
  const identified = entities.find(({ what }) => what?.identifier?.system === VIEW_SYSTEM);
  return bounded(named?.name ?? identified?.what?.identifier?.value, 200)[0] ?? null;
}

function detailOf({ entity }: Partial<AuditEvent>, type: string): string | undefined {
  const details = list(entity).flatMap(({ detail }) => list(detail));
  return bounded(details.find((one) => one.type === type)?.valueString, 4_000)[0];
}

/** The machine's name, else the workstation's identifier. */
function workstationOf({ agent, source }: Partial<AuditEvent>): string | null {
  const machine = list(agent).find(({ who, network }) => who?.identifier !== undefined && network !== undefined);
  const names = [machine?.network?.address, source?.observer?.identifier?.value];
  return names.flatMap((name) => bounded(name, 200))[0] ?? null;
}

/** FHIR R4 `auditevent-outcome`: anything but success didn't happen. */
function outcomeOf({ outcome }: Partial<AuditEvent>): AccessLine['outcome'] {
  if (outcome === '0') return 'done';
  return outcome === '4' ? 'refused' : 'failed';
}

function ruleOf(text: string | undefined): AlarmRule {
  return alarmRules.find((rule) => rule === text) ?? 'other';
}

function numberOf(text: string | undefined): number | null {
  const number = Number(text ?? Number.NaN);
  return Number.isFinite(number) ? number : null;
}

function list<Item>(value: readonly Item[] | undefined): Item[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : [];
}

function bounded(value: unknown, max: number): string[] {
  return typeof value === 'string' && value !== '' ? [value.slice(0, max)] : [];
}
