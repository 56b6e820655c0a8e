import { type AuditError, auditErrors } from '../../preload/contract/audit.ts';
import type { Result } from '../../preload/contract/channel.ts';
import type { NoteKind } from '../../preload/contract/notes.ts';
import type { Measured, VitalKind } from '../../preload/contract/results.ts';
import type { Resolution } from '../../preload/contract/sync.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuditEntry } from '../audit/events/entry.ts';
import type { Cache } from '../cache/client.ts';
import type { AddError, NewChange, Touched } from '../cache/operations.ts';
import type { Sealer } from '../documents/fields/sealer.ts';
import type { Composer } from '../writing/composer.ts';
import type { Writing, Written } from '../writing/resource.ts';
import type { Access, AccessRequest, Decision, Grounds } from './access.ts';

type Refusal = 'not-permitted' | AuditError;
type Allowed = Extract<Decision, { allowed: true }>;
type WriteError = Refusal | 'disk-full' | 'store-failed' | 'fields-not-sealed';
type Answer<Value, Code extends string> = Promise<Result<Value, Code>>;
type Done<Code extends string> = Answer<Record<string, never>, Code>;

/**
 * The only way from the page to the unsent changes. Each is decided, made, recorded durably, and only then kept: what
 * can't be recorded isn't written. When one answers it is durable.
 */
export interface Writes {
  createNote(request: { patientId: string; kind: NoteKind; body: string }): Answer<{ noteId: string }, WriteError>;
  amendNote(request: {
    patientId: string;
    noteId: string;
    versionId: string;
    body: string;
  }): Answer<{ noteId: string }, WriteError | 'not-found' | 'not-amendable' | 'stale'>;
  recordVital(
    request: Measured & { patientId: string; kind: VitalKind },
  ): Answer<{ observationId: string }, WriteError | 'out-of-range'>;
  correctVital(
    request: Measured & { patientId: string; observationId: string; versionId: string },
  ): Answer<{ observationId: string }, WriteError | 'not-found' | 'not-correctable' | 'out-of-range' | 'stale'>;
  resolve(request: {
    id: string;
    token: string;
    resolution: Resolution;
  }): Done<Refusal | 'not-found' | 'not-mergeable' | 'conflict-changed'>;
  retry(request: { id: string }): Done<Refusal | 'not-found'>;
  withdraw(request: { id: string }): Done<Refusal | 'not-found' | 'being-sent'>;
}

export interface WritesOptions {
  access: Access;
  audit: Pick<Audit, 'record'>;
  cache: Cache;
  composer: Composer;
  /** Encrypts what policy marks in a record, before it is kept anywhere. */
  sealer: Sealer;
  /** What opens the marked fields of a record that is changed (main/cache/fields/key.ts). */
  wrapping: () => Uint8Array;
  /** `Practitioner/<id>` and name of who writes. */
  practitioner: string;
  display: string;
  server: string;
  now: () => number;
  /** Minutes by which the workstation's clock is ahead of UTC at a time. */
  offsetMinutes: (time: number) => number;
  newId: () => string;
  /** Something was written: the patients whose records are other ones now. */
  onWritten: (patients: readonly string[]) => void;
}

interface Write<Code extends string> {
  readonly action: 'create' | 'update';
  readonly type: 'DocumentReference' | 'Observation';
  readonly view: string;
  readonly patientId: string;
  /** The record that is changed; null for a new one. */
  readonly base: { readonly id: string; readonly versionId: string } | null;
  /** What is to be kept; `resource` is the text of the base. */
  readonly make: (writing: Writing, resource: string) => Result<Written, Code>;
}

function failed<Code extends string>(code: Code): Result<never, Code> {
  return { ok: false, error: { code } };
}

export function createWrites(options: WritesOptions): Writes {
  const { access, audit, cache, composer, sealer, wrapping, practitioner, display, server } = options;
  const { now, offsetMinutes, newId, onWritten } = options;

  const record = (entry: Omit<AuditEntry, 'practitioner' | 'server'>) =>
    audit.record({ ...entry, practitioner, server });

  /** What was decided; a refusal is recorded. */
  async function decided(request: AccessRequest, attempted: Write<string>['action'], view: string): Promise<Decision> {
    const decision = await access.decide(request);
    const { patientId } = request;
    if (!decision.allowed) await record({ action: 'denied', attempted, patientId, view, ...decision.grounds });
    return decision;
  }

  async function writingFor(patientId: string, id: string, { sight }: Allowed): Promise<Writing> {
    const time = now();
    // With a label that the decision didn't know there is doubt, and no encounter is named.
    const encounter = await cache.read.currentEncounter({ patientId, sight }).catch((error: unknown) => {
      if ((error as { code?: unknown } | null)?.code === 'sight-outdated') return null;
      throw error;
    });
    return { patientId, practitioner, display, encounter, now: time, offsetMinutes: offsetMinutes(time), id };
  }

  async function write<Code extends string>(
    request: Write<Code>,
  ): Answer<string, Code | WriteError | 'not-found' | 'stale' | 'not-writable'> {
    const { action, type, view, patientId, base, make } = request;
    // What was shown before it was sent has another id since.
    const id = base ? await cache.outbox.resolveId({ type, id: base.id }) : newId();
    const subject = base ? await cache.read.subject({ type, id }) : null;
    // Another patient's record is none, whoever may read it.
    const isThere = base === null || subject?.patientId === patientId;
    const asked: AccessRequest = isThere
      ? { action, patientId, ...(subject ? { subjects: [subject] } : { type }) }
      : { action: 'read', patientId };
    const decision = await decided(asked, action, view);
    if (!decision.allowed) return failed(decision.reason === 'hidden' ? 'not-found' : 'not-permitted');
    const resource = base ? await cache.read.resource({ type, id, wrapping: wrapping() }) : '';
    if (!isThere || resource === null) return failed('not-found');
    const writing = await writingFor(patientId, id, decision);
    const made = make(writing, resource);
    if (!made.ok) return made;
    const { basis, grounds } = decision;
    const about = { type, id, patientId, purpose: basis.purpose ?? 'TREAT', role: roleOf(grounds) };
    const sealed = await sealer.seal(made.value, { ...about, now: writing.now });
    if (!sealed.ok) return sealed;
    const { encryption, ...kept } = sealed.value;
    const entry = { action, patientId, resource: `${type}/${id}`, view, ...grounds, ...basis };
    const recorded = await record({ ...entry, ...(encryption && { encryption }) });
    if (!recorded.ok) return recorded;
    const change: NewChange = {
      patientId,
      type,
      resourceId: id,
      action,
      baseVersionId: base && base.versionId !== '' ? base.versionId : null,
      ...kept,
      author: practitioner,
      changedAt: new Date(writing.now).toISOString(),
      draft: { patientId, resourceType: type, resourceId: base?.id ?? null },
    };
    const added = await cache.outbox.add(change);
    if (!added.ok) return failed(storeCode(added.error.code));
    onWritten([patientId]);
    return { ok: true, value: id };
  }

  /** A decision on a change that is kept already. It is the clinician's own, and only she has it. */
  async function settle<Code extends string>(
    id: string,
    entry: (change: { patientId: string; resource: string }) => Omit<AuditEntry, 'practitioner' | 'server'>,
    act: () => Promise<Result<Touched, Code>>,
    needsAccess = true,
  ): Done<Code | Refusal | 'not-found'> {
    const change = await cache.outbox.get({ id });
    if (!change) return failed('not-found');
    const { patientId, resourceType, resourceId } = change;
    const recordable = entry({ patientId, resource: `${resourceType}/${resourceId}` });
    let grounds: Partial<Grounds> = {};
    if (needsAccess) {
      const { [id]: subjects = [] } = await cache.outbox.subjects({ id });
      const request = { action: change.action, patientId, subjects };
      const decision = await decided(request, 'update', recordable.view ?? '');
      if (!decision.allowed) return failed('not-permitted');
      grounds = decision.grounds;
    }
    const recorded = await record({ ...recordable, ...grounds });
    if (!recorded.ok) return recorded;
    const acted = await act();
    if (!acted.ok) return acted;
    onWritten([...new Set([patientId, ...acted.value.patients])]);
    return { ok: true, value: {} };
  }

  return {
    async createNote({ patientId, kind, body }) {
      const created = await write({
        action: 'create',
        type: 'DocumentReference',
        view: 'notes.create',
        patientId,
        base: null,
        make: (writing) => ({ ok: true, value: composer.newNote({ kind, body }, writing) }),
      });
      return created.ok ? { ok: true, value: { noteId: created.value } } : failed(newCode(created.error.code));
    },

    async amendNote({ patientId, noteId, versionId, body }) {
      const amended = await write({
        action: 'update',
        type: 'DocumentReference',
        view: 'notes.amend',
        patientId,
        base: { id: noteId, versionId },
        make: (writing, resource) => composer.amendedNote({ resource, versionId, body }, writing),
      });
      if (amended.ok) return { ok: true, value: { noteId: amended.value } };
      const { code } = amended.error;
      return failed(code === 'not-writable' ? 'not-amendable' : code);
    },

    async recordVital({ patientId, kind, value, diastolic }) {
      const recorded = await write({
        action: 'create',
        type: 'Observation',
        view: 'results.record',
        patientId,
        base: null,
        make: (writing) => composer.newVitalSign({ kind, value, diastolic }, writing),
      });
      if (recorded.ok) return { ok: true, value: { observationId: recorded.value } };
      return failed(recorded.error.code === 'out-of-range' ? 'out-of-range' : newCode(recorded.error.code));
    },

    async correctVital({ patientId, observationId, versionId, value, diastolic }) {
      const corrected = await write({
        action: 'update',
        type: 'Observation',
        view: 'results.correct',
        patientId,
        base: { id: observationId, versionId },
        make: (writing, resource) => composer.correctedVitalSign({ resource, versionId, value, diastolic }, writing),
      });
      if (corrected.ok) return { ok: true, value: { observationId: corrected.value } };
      const { code } = corrected.error;
      return failed(code === 'not-writable' ? 'not-correctable' : code);
    },

    resolve: ({ id, token, resolution }) =>
      settle(
        id,
        (about) => ({
          action: 'conflict-decision',
          ...about,
          view: 'sync.resolve',
          details: { value: resolution.kind },
        }),
        () => cache.outbox.resolve({ id, token, resolution }),
      ),
    retry: ({ id }) =>
      settle(
        id,
        (about) => ({ action: 'update', ...about, view: 'sync.retry' }),
        () => cache.outbox.retry({ id }),
      ),
    // Nothing is shown or written by it, and without it work for a patient who left the panel would wait for ever.
    withdraw: ({ id }) =>
      settle(
        id,
        (about) => ({ action: 'withdraw', ...about, view: 'sync.withdraw' }),
        () => cache.outbox.withdraw({ id }),
        false,
      ),
  };
}

/** Of the ways in which a database fails, the page tells two apart; the rest is for the next unlock to name. */
function storeCode(code: AddError): 'stale' | 'not-found' | 'not-writable' | 'disk-full' | 'store-failed' {
  return code === 'stale' || code === 'not-found' || code === 'not-writable' || code === 'disk-full'
    ? code
    : 'store-failed';
}

/** Code of one of her roles; `unknown` where none is known. */
function roleOf({ roles = [] }: Grounds): string {
  return roles[0]?.split('|').at(-1) || 'unknown';
}

/** A new record has no base that could be missing or stale. */
function newCode(code: string): WriteError {
  const told = (['not-permitted', ...auditErrors, 'disk-full', 'fields-not-sealed'] as const).find(
    (one) => one === code,
  );
  return told ?? 'store-failed';
}
