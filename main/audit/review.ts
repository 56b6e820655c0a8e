import {
  type AccessLine,
  type AlarmLine,
  type AlarmSending,
  type AuditError,
  type audit as auditContract,
  type EnrolmentState,
  type Integrity,
  REVIEW_PAGE,
} from '../../preload/contract/audit.ts';
import type { Result } from '../../preload/contract/channel.ts';
import type { Request, Response } from '../../preload/contract/index.ts';
import { CodedError } from '../cache/store-error.ts';
import type { Audit } from './audit.ts';
import type { AuditEntry } from './events/entry.ts';
import { openCheckpoint } from './log/checkpoint.ts';
import { readVerifier } from './log/note.ts';
import { type JudgedAlarm, judgedAlarms } from './review/alarms.ts';
import { type BareAlarm, type BareLine, idOf, lineOf, type ReadEntry, readEntry } from './review/lines.ts';
import { type Named, type NamesOptions, nameAll } from './review/names.ts';
import type { AuditStore } from './store.ts';

type Calls = (typeof auditContract)['calls'];
type Refusal = 'not-permitted' | AuditError;
type Answer<Name extends keyof Calls, More extends string = never> = Promise<
  Result<Response<Calls[Name]>, Refusal | More>
>;

/**
 * What those see who watch over the record of access. Each look is decided by the access policies and recorded, as a look
 * at a chart is; to whoever may not, nothing is told, not even that there is something.
 */
export interface Review {
  offers(request: Request<Calls['offers']>): Promise<Response<Calls['offers']>>;
  alarms(request: Request<Calls['alarms']>): Answer<'alarms'>;
  evidence(request: Request<Calls['evidence']>): Answer<'evidence', 'not-found'>;
  markFalse(request: Request<Calls['markFalse']>): Answer<'markFalse', 'not-found' | 'own-alarm'>;
  accesses(request: Request<Calls['accesses']>): Answer<'accesses'>;
  integrity(): Answer<'integrity'>;
  verify(): Answer<'verify'>;
  stopVerifying(): Promise<void>;
  /** Alarms were recorded, or are sent: tells the page, if it may know. */
  alarmsChanged(): Promise<void>;
}

export interface ReviewOptions {
  readonly access: { mayReviewAccess(patientId: string): Promise<boolean>; mayReviewAlarms(): Promise<boolean> };
  readonly audit: Pick<Audit, 'record' | 'status' | 'store' | 'verify' | 'stopVerifying'>;
  readonly names: NamesOptions['names'];
  /** Where the record is delivered and alarms are sent, as far as policy names anybody. */
  readonly leaving: () => Pick<Integrity, 'delivery' | 'sending'>;
  /** What became of telling some alarms, by their ids; those who aren't named are told to nobody. */
  readonly sendings: (alarmIds: readonly string[]) => Promise<ReadonlyMap<string, AlarmSending>>;
  /** Whether the server knows this log. */
  readonly enrolment: () => EnrolmentState;
  readonly onAlarms: (open: number) => void;
  readonly practitioner: string;
  readonly server: string;
}

/** Alarms and judgements that are looked at: of more than these nobody could make anything. */
const ALARMS_MAX = 5_000;
const PEOPLE_MAX = 500;
const FINDINGS_MAX = 100;
/** How an alarm's entries are looked for, back from it. */
const EVIDENCE_PAGE = 1_000;
const EVIDENCE_PAGES = 10;
/** A patient who stood in a list that was shown, and what a sync has brought: nobody has looked at her for that. */
const LISTS = ['search', 'search-type', 'receive'];

/** Makes what the pages of the record of access ask for, for one clinician. */
export function createReview(options: ReviewOptions): Review {
  const { access, audit, names, leaving, sendings, enrolment, onAlarms, practitioner, server } = options;
  const naming = { names, mayReviewAccess: access.mayReviewAccess };

  /** Decided, then recorded, then read; a log that ends meanwhile is one that can't be read. */
  async function reviewed<Value>(
    allowed: boolean,
    look: Pick<AuditEntry, 'view'> & Partial<AuditEntry>,
    read: (store: AuditStore) => Promise<Value>,
  ): Promise<Result<Value, Refusal>> {
    const { action = 'review', ...rest } = look;
    const entry = allowed ? { action, ...rest } : { action: 'denied' as const, ...rest };
    const recorded = await audit.record({ ...entry, practitioner, server });
    if (!allowed) return failed('not-permitted');
    if (!recorded.ok) return recorded;
    const store = await audit.store();
    if (!store) return failed('audit-unavailable');
    try {
      return { ok: true, value: await read(store) };
    } catch (error) {
      if (error instanceof CodedError) return failed('audit-unavailable');
      throw error;
    }
  }

  const judged = async (store: AuditStore) => judgedAlarms(await store.alarms(ALARMS_MAX));

  async function openAlarms(): Promise<number | null> {
    if (!(await access.mayReviewAlarms())) return null;
    const store = await audit.store();
    // Where the log can't be read there is nothing to count; the page of the alarms says why.
    const alarms = store ? await judged(store).catch(() => []) : [];
    return alarms.filter(({ mark }) => mark === null).length;
  }

  async function lines(entries: readonly ReadEntry[]): Promise<AccessLine[]> {
    const bare = entries.map(lineOf);
    const named = await nameAll(naming, {
      people: bare.map(({ who }) => who),
      patients: bare.map(({ patient }) => patient),
    });
    return bare.map((line) => withNames(line, named));
  }

  async function alarmLines(alarms: readonly JudgedAlarm[]): Promise<AlarmLine[]> {
    const sent = await sendings(alarms.map(({ alarm }) => alarm.id));
    const named = await nameAll(naming, {
      people: alarms.flatMap(({ alarm, mark }) => [alarm.about, mark?.who ?? null]),
      patients: alarms.map(({ alarm }) => alarm.patient),
    });
    return alarms.map(({ alarm: { about, patient, evidence, ...alarm }, mark }) => ({
      ...alarm,
      about: about === null ? null : named.person(about),
      patient: patient === null ? null : named.patient(patient),
      evidence: evidence.length,
      mark: mark && { at: mark.at, who: mark.who === null ? null : named.person(mark.who), reason: mark.reason },
      sending: sent.get(alarm.id) ?? 'here',
      own: about === practitioner,
    }));
  }

  async function alarmsChanged(): Promise<void> {
    const open = await openAlarms();
    if (open !== null) onAlarms(open);
  }

  return {
    async offers({ patientId }) {
      const alarms = await openAlarms();
      return { alarms, access: patientId !== null && (await access.mayReviewAccess(patientId)) };
    },

    alarms: async ({ before }) =>
      reviewed(await access.mayReviewAlarms(), { view: 'audit.alarms' }, async (store) => {
        const all = (await judged(store)).filter(({ alarm }) => before === null || alarm.seq < before);
        const page = all.slice(0, REVIEW_PAGE);
        const next = all.length > page.length ? (page.at(-1)?.alarm.seq ?? null) : null;
        return { items: await alarmLines(page), next };
      }),

    async evidence({ id }) {
      const allowed = await access.mayReviewAlarms();
      const found = await reviewed(allowed, { view: 'audit.evidence', evidence: [id] }, async (store) => {
        const known = (await judged(store)).find(({ alarm }) => alarm.id === id);
        if (!known) return null;
        const entries = await evidenceOf(store, known.alarm);
        const items = await lines(entries.slice(-REVIEW_PAGE));
        return { items, missing: known.alarm.evidence.length - items.length };
      });
      if (!found.ok) return found;
      return found.value ? { ok: true, value: found.value } : failed('not-found');
    },

    async markFalse({ id, reason }) {
      const allowed = await access.mayReviewAlarms();
      const store = allowed ? await audit.store() : null;
      const known = store && (await judged(store).catch(() => [])).find(({ alarm }) => alarm.id === id);
      if (allowed && !known) return failed(store ? 'not-found' : 'audit-unavailable');
      const mark = { action: 'alarm-false', view: 'audit.markFalse', evidence: [id], reason } as const;
      if (known?.alarm.about === practitioner) {
        await reviewed(false, mark, async () => null);
        return failed('own-alarm');
      }
      const marked = await reviewed(allowed, mark, async () => ({}));
      if (marked.ok) await alarmsChanged();
      return marked;
    },

    accesses: async ({ patientId, person, from, to, lists, before }) =>
      reviewed(await access.mayReviewAccess(patientId), { view: 'audit.accesses', patientId }, async (store) => {
        const entries = await store.query({
          patient: patientId,
          ...(person !== null && { agent: person }),
          ...(from !== null && { from }),
          ...(to !== null && { to }),
          ...(!lists && { except: LISTS }),
          ...(before !== null && { before }),
          limit: REVIEW_PAGE + 1,
        });
        const items = await lines(entries.slice(0, REVIEW_PAGE).map(readEntry));
        const people = await store.people(patientId, PEOPLE_MAX);
        const named = await nameAll(naming, { people, patients: [patientId] });
        const next = entries.length > REVIEW_PAGE ? (items.at(-1)?.seq ?? null) : null;
        return { patient: named.patient(patientId), items, next, people: people.map(named.person) };
      }),

    integrity: async () =>
      reviewed(await access.mayReviewAlarms(), { view: 'audit.integrity' }, async (store) => ({
        ...(await stateOf(store)),
        enrolment: enrolment(),
        status: audit.status(),
        ...leaving(),
      })),

    async verify() {
      const asked = await reviewed(await access.mayReviewAlarms(), { view: 'audit.verify' }, () => audit.verify());
      if (!asked.ok) return asked;
      return asked.value ? { ok: true, value: {} } : failed('audit-unavailable');
    },

    async stopVerifying() {
      if (await access.mayReviewAlarms()) audit.stopVerifying();
    },

    alarmsChanged,
  };
}

function withNames({ who, patient, ...line }: BareLine, named: Named): AccessLine {
  return {
    ...line,
    who: who === null ? null : named.person(who),
    patient: patient === null ? null : named.patient(patient),
  };
}

/** The entries that an alarm goes by, oldest first: they stand before it, and are of the one whom it is about. */
async function evidenceOf(store: AuditStore, { seq, about, evidence }: BareAlarm): Promise<ReadEntry[]> {
  const wanted = new Set(evidence);
  const found: ReadEntry[] = [];
  let before = seq;
  for (let page = 0; page < EVIDENCE_PAGES && wanted.size > 0; page += 1) {
    const of = about === null ? {} : { agent: about };
    const entries = (await store.query({ ...of, before, limit: EVIDENCE_PAGE })).map(readEntry);
    found.push(...entries.filter(({ event }) => wanted.delete(idOf(event) ?? '')));
    before = entries.at(-1)?.seq ?? 0;
    if (entries.length < EVIDENCE_PAGE) break;
  }
  return found.reverse();
}

async function stateOf(store: AuditStore): Promise<Omit<Integrity, 'status' | 'enrolment' | 'delivery' | 'sending'>> {
  const { origin, vkey } = store.identity;
  const [newest] = await store.query({ limit: 1 });
  const kept = await store.newestCheckpoint();
  const verifier = readVerifier(vkey);
  const signed = kept && verifier && openCheckpoint(kept.note, [verifier]);
  const findings = await store.knownFindings(FINDINGS_MAX);
  return {
    origin,
    size: newest ? newest.seq + 1 : 0,
    checkpoint: signed?.origin === origin ? { size: signed.size, at: signed.time } : null,
    findings: findings.map(({ time, code, log, first, end }) => ({
      code,
      log,
      first,
      end,
      at: time === null ? null : new Date(time).toISOString(),
    })),
  };
}

function failed<Code extends string>(code: Code): { ok: false; error: { code: Code } } {
  return { ok: false, error: { code } };
}
