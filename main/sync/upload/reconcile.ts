import type { Cache } from '../../cache/client.ts';
import type { DuplicateKind, FoundDuplicate, NumberedRecord, Problem } from '../../cache/operations.ts';
import { readSearchset } from '../../fhir/bundle-text.ts';
import type { FhirClient } from '../../fhir/client.ts';
import { failed, type RunResult } from '../run-options.ts';
import { couldBeSame, endOf, patientIn, startOf, typeIn } from './likeness.ts';
import { isIdentifiedBy } from './texts.ts';

export interface ReconcileOptions {
  readonly cache: Pick<Cache, 'outbox'>;
  readonly fhir: Pick<FhirClient, 'get'>;
  readonly now: () => number;
  /** How long after it was made a record is looked after, and how near two specimens are. */
  readonly watchHours: number;
  readonly specimenMinutes: number;
  /** Patients whose records in the cache are other ones now. */
  readonly onChanged: (patients: readonly string[]) => void;
  /** The list of unsent changes, or of duplicates, is another one. */
  readonly onChanges: () => void;
}

/** Looks whether others have registered what was registered here with numbers of this workstation. */
export interface Reconciliation {
  /**
   * To be called before anything is sent: what wasn't sent is looked for first. A failure of the server ends the upload, as
   * a number that somebody else has must not be sent; a server that doesn't let be asked doesn't.
   */
  run(signal: AbortSignal): Promise<RunResult>;
}

const HOUR_MS = 3_600_000;
/** What was sent is looked after again after so long. */
const AGAIN_MS = 4 * 60_000;
/** Of each question: who has more beside one visit has another problem. */
const PAGE = 50;

const taken: Problem = {
  code: 'number-taken',
  lines: [
    'Its number belongs to another patient on the server. It was not sent.',
    'Check the label or the paper that the number is on, then give this record another number, or withdraw it.',
  ],
};

export function createReconciliation(options: ReconcileOptions): Reconciliation {
  const { cache, fhir, now, watchHours, specimenMinutes, onChanged, onChanges } = options;
  const lookedAt = new Map<string, number>();

  /** Texts that a search finds; null where the server doesn't answer such a question. */
  async function search(
    url: string,
    signal: AbortSignal,
  ): Promise<readonly string[] | null | (RunResult & { ok: false })> {
    const answer = await fhir.get(`${url}&_count=${PAGE}`, signal);
    if (!answer.ok) {
      const { status } = answer.error;
      return status !== null && status >= 400 && status < 500 && status !== 401 && status !== 429
        ? null
        : failed(answer.error);
    }
    try {
      return readSearchset(answer.value.text).resources;
    } catch {
      return null;
    }
  }

  async function lookFor(record: NumberedRecord, signal: AbortSignal): Promise<RunResult> {
    const { type, localId, patientId, system, value, changeId } = record;
    const token = encodeURIComponent(`${system}|${value}`);
    const [sameNumber, near] = [
      await search(`${type}?identifier=${token}`, signal),
      await search(nearby(record, specimenMinutes), signal),
    ];
    for (const answer of [sameNumber, near]) if (answer && 'ok' in answer) return answer;
    const isOther = (text: string) => typeIn(text) === type && !isOwn(text, record);
    const found = new Map<string, FoundDuplicate>();
    const note = (texts: typeof sameNumber, kindOf: (text: string) => DuplicateKind | null) => {
      if (!texts || 'ok' in texts) return;
      for (const text of texts.filter(isOther)) {
        const [id, kind] = [idOf(text), kindOf(text)];
        if (id !== null && kind !== null && !found.has(id)) {
          found.set(id, { kind, other: id, body: kind === 'other-patient' ? null : text });
        }
      }
    };
    note(sameNumber, (text) => (patientIn(text) === patientId ? 'same-number' : 'other-patient'));
    note(near, (text) => likeness(record, text));
    const all = [...found.values()];
    const isTaken = all.some(({ kind }) => kind === 'other-patient');
    const at = new Date(now()).toISOString();
    const isNews = await cache.outbox.noteDuplicates({ type, localId, found: all, at });
    if (isTaken && changeId !== null) {
      const { patients } = await cache.outbox.park({ id: changeId, problem: taken });
      onChanged(patients);
    }
    if (isNews || isTaken) onChanges();
    return { ok: true };
  }

  function likeness(record: NumberedRecord, text: string): DuplicateKind | null {
    if (patientIn(text) !== record.patientId || !couldBeSame(record.type, record.body, text, specimenMinutes))
      return null;
    return record.type === 'Encounter' ? 'overlap' : 'same-type';
  }

  return {
    async run(signal) {
      const since = new Date(now() - watchHours * HOUR_MS).toISOString();
      for (const record of await cache.outbox.numbered({ since })) {
        const key = `${record.type}/${record.localId}`;
        if (record.isSent && now() - (lookedAt.get(key) ?? 0) < AGAIN_MS) continue;
        const looked = await lookFor(record, signal);
        // What was sent is looked after later; it keeps nothing else from being sent.
        if (!looked.ok && !record.isSent) return looked;
        if (looked.ok) lookedAt.set(key, now());
      }
      return { ok: true };
    },
  };
}

/** The record itself, as the server has it. */
function isOwn(text: string, { id, localId }: NumberedRecord): boolean {
  return idOf(text) === id || isIdentifiedBy(text, `urn:ietf:rfc:3986|urn:uuid:${localId}`);
}

/** A search for what happened to the patient at the same time (R4 search.html#date). */
function nearby({ type, patientId, body }: NumberedRecord, minutes: number): string {
  const of = `${type}?patient=${encodeURIComponent(patientId)}`;
  const start = startOf(body);
  if (start === null) return of;
  const at = (time: number) => encodeURIComponent(new Date(time).toISOString());
  if (type === 'Specimen') {
    const span = minutes * 60_000;
    return `${of}&collected=ge${at(start - span)}&collected=le${at(start + span)}`;
  }
  const end = endOf(body);
  return `${of}&date=ge${at(start)}${end === null ? '' : `&date=le${at(end)}`}`;
}

function idOf(text: string): string | null {
  const { id } = JSON.parse(text) as { id?: unknown };
  return typeof id === 'string' && /^[A-Za-z0-9\-.]{1,64}$/.test(id) ? id : null;
}
