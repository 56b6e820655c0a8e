import type { AuditEvent } from 'fhir/r4';
import { readLeaf } from '../log/entry.ts';

/** An entry for people, in one line. */
export interface Disclosure {
  readonly seq: number;
  readonly date: string;
  readonly who: string;
  readonly what: string;
  readonly patient: string;
  readonly why: string;
}

/** What an entry tells of a disclosure. */
export function disclosureOf({ seq, leaf }: { seq: number; leaf: string }): Disclosure {
  const event = JSON.parse(readLeaf(leaf)?.event ?? '{}') as Partial<AuditEvent>;
  const entities = event.entity ?? [];
  const references = entities.flatMap(({ what }) => what?.reference ?? []);
  const details = entities.flatMap(({ detail }) => detail ?? []);
  const reason = details.find(({ type }) => type === 'reason')?.valueString;
  const purposes = (event.purposeOfEvent ?? []).flatMap(({ coding }) => coding?.[0]?.code ?? []);
  return {
    seq,
    date: event.recorded ?? '',
    who: (event.agent ?? []).flatMap(({ who }) => who?.reference ?? who?.display ?? []).join(', '),
    what: [
      event.subtype?.[0]?.display ?? event.subtype?.[0]?.code ?? event.type?.code ?? '',
      event.outcome === '0' ? '' : '(refused or failed)',
      ...entities.flatMap(({ name, what }) =>
        what === undefined && name !== 'reason' && name !== 'details' ? (name ?? []) : [],
      ),
      ...references.filter((one) => !one.startsWith('Patient/')),
    ]
      .filter(Boolean)
      .join(' '),
    patient: references.filter((one) => one.startsWith('Patient/')).join(', '),
    why: [purposes.join(', '), reason].filter(Boolean).join(': '),
  };
}
