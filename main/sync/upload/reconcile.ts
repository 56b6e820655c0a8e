import type { Cache } from '../../cache/client.ts';
import type { DuplicateKind, FoundDuplicate, NumberedRecord, Problem } from '../../cache/operations.ts';
import { readSearchset } from '../../fhir/bundle-text.ts';
import type { FhirClient } from '../../fhir/client.ts';
import { type Failure, failed, type RunResult, stopped } from '../run-options.ts';
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
   * To be called before anything is sent: what wasn't sent is looked for first. A record that the server fails to look for
   * is held, as a number that somebody else has must not be sent, and keeps nothing else from being sent. An error is of
   * the whole upload: nothing can be sent either, or the server asks to be left alone.
   */
  run(signal: AbortSignal): Promise<RunResult>;
  /** Creates that must not be sent now: their numbers haven't been looked for since the last run began. */
  held(): Promise<ReadonlySet<string>>;
  /** How many of these the server failed to look for, and the first failure; null where it failed at none. */
  failure(): { readonly count: number; readonly failure: Failure } | null;
}

const HOUR_MS = 3_600_000;
/** What was sent is looked after again after so long. */
const AGAIN_MS = 4 * 60_000;
/** What the server failed to look for is held and not asked for again so soon. */
const FAILED_MS = 20_000;
/** The server is asked no more in this run after so many failures in a row: it is the server, not the record. */
const FAILURES_MAX = 3;
/** A stay that began so long before isn't the visit that was registered. */
const LONG_MS = 24 * HOUR_MS;
/** Of each question: who has more beside one visit has another problem. */
const PAGE = 50;

/** Where these come from a search, they come from whatever is sent as well. */
const endsUpload: ReadonlySet<Failure['error']['code']> = new Set(['cancelled', 'offline', 'sign-in-needed']);

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
  /** What may be sent: it was looked for since the last run began. */
  const cleared = new Set<string>();
  /** What could not be looked for, and until when it is not asked for again. */
  const failures = new Map<string, { readonly failure: Failure; readonly until: number }>();

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
    if (isKnownStay(record, text)) return null;
    return record.type === 'Encounter' ? 'overlap' : 'same-type';
  }

  /** Holds a record that was not looked for. */
  function hold(record: NumberedRecord, failure: Failure): void {
    // A wait that the server asks for is kept once: after it the record is passed over, so that others get their turn.
    const wait = FAILED_MS + 2_000 * (failure.error.retryAfter ?? 0);
    failures.set(keyOf(record), { failure, until: now() + wait });
  }

  async function look(record: NumberedRecord, signal: AbortSignal): Promise<RunResult> {
    const looked = await lookFor(record, signal);
    if (looked.ok) {
      lookedAt.set(keyOf(record), now());
      cleared.add(keyOf(record));
      failures.delete(keyOf(record));
    } else if (!record.isSent && !endsUpload.has(looked.error.code)) hold(record, looked);
    return looked;
  }

  function isDue(record: NumberedRecord): boolean {
    const key = keyOf(record);
    if (record.isSent) return now() - (lookedAt.get(key) ?? 0) >= AGAIN_MS;
    return (failures.get(key)?.until ?? 0) <= now();
  }

  return {
    async run(signal) {
      cleared.clear();
      let inARow = 0;
      const since = new Date(now() - watchHours * HOUR_MS).toISOString();
      const records = await cache.outbox.numbered({ since });
      const unsent = new Set(records.filter(({ isSent }) => !isSent).map(keyOf));
      for (const key of failures.keys()) if (!unsent.has(key)) failures.delete(key);
      for (const record of records.filter(isDue)) {
        if (inARow >= FAILURES_MAX) {
          if (!record.isSent) hold(record, stopped('server-error'));
          continue;
        }
        const looked = await look(record, signal);
        inARow = looked.ok ? 0 : inARow + 1;
        // What was sent is looked after later; it keeps nothing else from being sent.
        if (looked.ok || record.isSent) continue;
        const { code, retryAfter } = looked.error;
        if (endsUpload.has(code) || retryAfter !== null) return looked;
        if (code === 'server-unreachable') inARow = FAILURES_MAX;
      }
      return { ok: true };
    },
    async held() {
      const records = await cache.outbox.numbered({ since: new Date(now()).toISOString() });
      const unsent = records.filter((record) => !record.isSent && !cleared.has(keyOf(record)));
      return new Set(unsent.flatMap(({ createId }) => createId ?? []));
    },
    failure() {
      const [first] = failures.values();
      return first ? { count: failures.size, failure: first.failure } : null;
    },
  };
}

/** With its number: with another one it is to be looked for anew. */
const keyOf = ({ type, localId, system, value }: NumberedRecord) => JSON.stringify([type, localId, system, value]);

/**
 * A stay that had long begun and that the chart told of when the visit was registered: who began a visit within it knew
 * of it, and each visit of somebody on a ward would be doubted. One that began lately may be the same visit all the same.
 */
function isKnownStay({ type, body, known }: NumberedRecord, text: string): boolean {
  if (type !== 'Encounter' || !known.includes(idOf(text) ?? '')) return false;
  const [start, theirs] = [startOf(body), startOf(text)];
  return start !== null && theirs !== null && start - theirs >= LONG_MS;
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
