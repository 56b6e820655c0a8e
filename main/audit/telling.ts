import type { AuditEvent } from 'fhir/r4';
import type { AuditEntry } from './events/entry.ts';
import { canonical } from './log/canonical.ts';
import type { AuditStore } from './store.ts';

export interface TellingOptions {
  readonly eventsOf: (entries: readonly AuditEntry[]) => Promise<AuditEvent[]>;
  readonly onRecorded: (events: readonly AuditEvent[]) => void;
}

/** Records what was found wrong with a log, each thing once: one call after the other. */
export function createTelling({ eventsOf, onRecorded }: TellingOptions): (opened: AuditStore) => Promise<void> {
  let telling: Promise<void> = Promise.resolve();

  async function tell(opened: AuditStore): Promise<void> {
    for (const { id, code, log, first, end } of await opened.findings()) {
      const details = { code, log, first: String(first), end: String(end) };
      const events = await eventsOf([{ action: 'log-finding', practitioner: null, server: '', details }]);
      const { seq } = await opened.append(canonical(events[0] as AuditEvent));
      await opened.settleFinding(id, seq);
      onRecorded(events);
    }
  }

  return (opened) => {
    const told = telling.then(() => tell(opened));
    telling = told.catch(() => undefined);
    return told;
  };
}
