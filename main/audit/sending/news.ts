import type { AuditEvent } from 'fhir/r4';
import type { StoredEntry } from '../entries.ts';
import { alarmOf, type BareAlarm, readEntry } from '../review/lines.ts';

/** An alarm as it is sent: ids and numbers, no names and nobody's own words. */
export interface News extends Omit<BareAlarm, 'workstation'> {
  /** The FHIR server whose patients and clinicians its ids name; null for an alarm of the workstation itself. */
  readonly site: string | null;
  /** Identifier of the workstation. */
  readonly device: { readonly system: string; readonly value: string } | null;
}

/** Reads an alarm from the log; null where the entry is none. Nothing in it is believed. */
export function newsOf(entry: StoredEntry): News | null {
  const read = readEntry(entry);
  const alarm = alarmOf(read);
  if (!alarm || Number.isNaN(Date.parse(alarm.at))) return null;
  const { workstation: _name, about, patient, ...rest } = alarm;
  const site = siteOf(read.event);
  // Without a server nobody could tell whose ids they are.
  const named = site === null ? { about: null, patient: null } : { about, patient };
  return { ...rest, ...named, site, device: deviceOf(read.event) };
}

function siteOf({ source }: Partial<AuditEvent>): string | null {
  const site: unknown = source?.site;
  return typeof site === 'string' && site.length <= 2_000 && URL.canParse(site) ? site : null;
}

function deviceOf({ source }: Partial<AuditEvent>): News['device'] {
  const { system, value }: { system?: unknown; value?: unknown } = source?.observer?.identifier ?? {};
  const isText = (text: unknown): text is string => typeof text === 'string' && text !== '' && text.length <= 200;
  return isText(system) && isText(value) ? { system, value } : null;
}
