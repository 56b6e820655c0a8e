import type { AuditError } from '../../preload/contract/audit.ts';
import type { Result } from '../../preload/contract/channel.ts';
import type { ChartSummary } from '../../preload/contract/chart.ts';
import type { AuditEntry } from '../audit/events/entry.ts';
import { current, OUTDATED } from './current.ts';
import type { SheetsOptions } from './sheets.ts';

/** A record with its patient, as a label tells of them. */
export interface Labelled {
  readonly patient: ChartSummary['patient'];
  /** The record's text. */
  readonly resource: string;
}

/** What may stand on a label of a record. It is decided as printing, and recorded, before anything is answered. */
export interface Labels {
  label(about: {
    patientId: string;
    type: 'Encounter' | 'Specimen';
    id: string;
  }): Promise<Result<Labelled, 'not-permitted' | 'not-found' | AuditError>>;
  /** Numbers leave for paper, without any patient. */
  numbers(count: number): Promise<Result<unknown, AuditError>>;
}

interface LabelsOptions extends SheetsOptions {
  /** What opens the marked fields of a record. */
  readonly wrapping: () => Uint8Array;
}

const VIEW = 'downtime.printLabel';

export function createLabels({ access, audit, cache, practitioner, server, wrapping }: LabelsOptions): Labels {
  const who = { practitioner, server } as const;

  return {
    async label({ patientId, type, id: shown }) {
      // What was shown before it was sent has another id since.
      const id = await cache.outbox.resolveId({ type, id: shown });
      const subjects = [
        await cache.read.subject({ type: 'Patient', id: patientId }),
        await cache.read.subject({ type, id }),
      ].filter((one) => one !== null);
      const decision = await access.decide({ action: 'print', patientId, subjects, lasting: true });
      const entry = { ...who, patientId, ...decision.grounds, view: VIEW, purpose: 'TREAT', resource: `${type}/${id}` };
      if (!decision.allowed) {
        await audit.record({ ...entry, action: 'denied', attempted: 'print' });
        return failed('not-permitted');
      }
      const chart = await current(cache.read.chartSummary({ patientId, sight: decision.sight }));
      const resource = await cache.read.resource({ type, id, wrapping: wrapping() });
      const isHers = subjects.every((subject) => subject.patientId === patientId) && subjects.length === 2;
      if (chart === OUTDATED || !chart || resource === null || !isHers) return failed('not-found');
      const told: AuditEntry = { ...entry, action: 'print', details: { recipient: 'paper' } };
      const recorded = await audit.record(told);
      return recorded.ok ? { ok: true, value: { patient: chart.patient, resource } } : recorded;
    },

    numbers: (count) =>
      audit.record({
        ...who,
        action: 'configuration',
        view: 'downtime.printNumbers',
        details: { setting: 'downtime.numbers', value: `paper ${count}` },
      }),
  };
}

function failed<Code extends string>(code: Code): Result<never, Code> {
  return { ok: false, error: { code } };
}
