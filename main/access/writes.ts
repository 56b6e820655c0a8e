import { auditErrors } from '../../preload/contract/audit.ts';
import type { Failure, Result } from '../../preload/contract/channel.ts';
import type { DraftType } from '../../preload/contract/drafts.ts';
import type { NoteKind } from '../../preload/contract/notes.ts';
import type { Measured, VitalKind } from '../../preload/contract/results.ts';
import type { Resolution } from '../../preload/contract/sync.ts';
import type { AuditEntry } from '../audit/events/entry.ts';
import type { Touched } from '../cache/operations.ts';
import type { Decision } from './access.ts';
import {
  type Answer,
  failed,
  type Refusal,
  type WriteError as Refused,
  type Writer,
  type WritesOptions,
} from './write.ts';

type WriteError = Exclude<Refused, 'invalid'> | 'internal';
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
  resolve(request: { id: string; token: string; resolution: Resolution }): Done<Refusal | ResolveError>;
  retry(request: { id: string }): Done<Refusal | 'not-found' | 'patient-merged'>;
  withdraw(request: { id: string }): Done<Refusal | 'not-found' | 'being-sent'>;
  /** What may have been registered twice was: both stay. */
  keepBoth(request: { id: string }): Done<Refusal | 'not-found'>;
}

type Allowed = Extract<Decision, { allowed: true }>;
/** What an unsent change is about. */
interface About {
  readonly patientId: string;
  readonly type: string;
  readonly resourceId: string;
}

/** Why a decision is not applied. */
type ResolveError = 'not-found' | 'not-mergeable' | 'conflict-changed' | 'patient-merged' | 'invalid';

interface Settling<Code extends string> {
  readonly needsAccess?: boolean;
  /** Why nothing may be decided for a patient; null where it may. */
  readonly refusedFor?: (patientId: string) => Promise<Code | null>;
}

export function createWrites(
  { cache, composer, onWritten }: Pick<WritesOptions, 'cache' | 'composer' | 'onWritten'>,
  { write, record, decided, attested }: Writer,
): Writes {
  /** A decision on a change that is kept already. It is the clinician's own, and only she has it. */
  async function settle<Code extends string>(
    id: string,
    entry: (change: { patientId: string; resource: string }) => Omit<AuditEntry, 'practitioner' | 'server'>,
    act: (about: About, decision: Allowed | null) => Promise<Result<Touched, Code>>,
    { needsAccess = true, refusedFor = async () => null }: Settling<Code> = {},
  ): Done<Code | Refusal | 'not-found'> {
    const change = await cache.outbox.get({ id });
    if (!change) return failed('not-found');
    const { patientId, resourceType: type, resourceId } = change;
    const recordable = entry({ patientId, resource: `${type}/${resourceId}` });
    let decision: Allowed | null = null;
    if (needsAccess) {
      const { [id]: subjects = [] } = await cache.outbox.subjects({ id });
      const request = { action: change.action, patientId, subjects };
      const made = await decided(request, 'update', recordable.view ?? '');
      if (!made.allowed) return failed('not-permitted');
      decision = made;
    }
    const refused = await refusedFor(patientId);
    if (refused !== null) {
      const denied = { action: 'denied', attempted: 'update', patientId, view: recordable.view ?? '' } as const;
      await record({ ...denied, ...decision?.grounds, ...decision?.basis });
      return failed(refused);
    }
    const recorded = await record({ ...recordable, ...decision?.grounds, ...decision?.basis });
    if (!recorded.ok) return recorded;
    const acted = await act({ patientId, type, resourceId }, decision);
    if (!acted.ok) return acted;
    onWritten([...new Set([patientId, ...acted.value.patients])]);
    return { ok: true, value: {} };
  }

  /** As for what is written anew. The change stays, so that its text can be read and written where it belongs. */
  async function merged(patientId: string): Promise<'patient-merged' | null> {
    return (await cache.read.isReplaced({ patientId })) ? 'patient-merged' : null;
  }

  /** Who keeps her own version, or makes one of two, has written it. */
  async function attestedDecision({ kind }: Resolution, about: About, decision: Allowed | null) {
    if (kind === 'theirs' || !decision) return {};
    return attested({ activity: 'update', ...about, ...decision, baseVersionId: null, reason: null });
  }

  /** Why what choices make is no valid R4; theirs may be none already. */
  async function invalidMerge(id: string, token: string, resolution: Resolution): Promise<Failure<'invalid'> | null> {
    if (resolution.kind !== 'merged') return null;
    const merged = await cache.outbox.merged({ id, token, choices: resolution.choices });
    const faults = merged ? await composer.faultsIn(merged.body, merged.theirs) : [];
    return faults.length === 0 ? null : { code: 'invalid', detail: faults.join('\n') };
  }

  const draft = (patientId: string, resourceType: DraftType, resourceId: string | null = null) => ({
    draft: { patientId, resourceType, resourceId },
  });

  return {
    async createNote({ patientId, kind, body }) {
      const created = await write({
        action: 'create',
        type: 'DocumentReference',
        view: 'notes.create',
        patientId,
        base: null,
        ...draft(patientId, 'DocumentReference'),
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
        ...draft(patientId, 'DocumentReference', noteId),
        make: (writing, resource) => composer.amendedNote({ resource, versionId, body }, writing),
      });
      if (amended.ok) return { ok: true, value: { noteId: amended.value } };
      const { code } = amended.error;
      return failed(code === 'not-writable' ? 'not-amendable' : code === 'invalid' ? 'internal' : code);
    },

    async recordVital({ patientId, kind, value, diastolic }) {
      const recorded = await write({
        action: 'create',
        type: 'Observation',
        view: 'results.record',
        patientId,
        base: null,
        ...draft(patientId, 'Observation'),
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
        ...draft(patientId, 'Observation', observationId),
        make: (writing, resource) => composer.correctedVitalSign({ resource, versionId, value, diastolic }, writing),
      });
      if (corrected.ok) return { ok: true, value: { observationId: corrected.value } };
      const { code } = corrected.error;
      return failed(code === 'not-writable' ? 'not-correctable' : code === 'invalid' ? 'internal' : code);
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
        async (about, decision): Promise<Result<Touched, ResolveError>> => {
          const error = await invalidMerge(id, token, resolution);
          if (error) return { ok: false, error };
          const attested = await attestedDecision(resolution, about, decision);
          return cache.outbox.resolve({ id, token, resolution, ...attested });
        },
        // Who takes the server's version sends nothing.
        resolution.kind === 'theirs' ? {} : { refusedFor: merged },
      ),
    retry: ({ id }) =>
      settle(
        id,
        (about) => ({ action: 'update', ...about, view: 'sync.retry' }),
        () => cache.outbox.retry({ id }),
        { refusedFor: merged },
      ),
    // Nothing is shown or written by it, and without it work for a patient who left the panel would wait for ever.
    withdraw: ({ id }) =>
      settle(
        id,
        (about) => ({ action: 'withdraw', ...about, view: 'sync.withdraw' }),
        () => cache.outbox.withdraw({ id }),
        { needsAccess: false },
      ),
    async keepBoth({ id }) {
      const found = (await cache.outbox.duplicates()).find(({ item }) => item.id === id);
      if (!found) return failed('not-found');
      const { patientId, resourceType, resourceId } = found.item;
      const view = 'sync.keepBoth';
      const decision = await decided({ action: 'update', patientId, subjects: found.subjects }, 'update', view);
      if (!decision.allowed) return failed('not-permitted');
      const about = {
        patientId,
        resource: `${resourceType}/${resourceId}`,
        view,
        ...decision.grounds,
        ...decision.basis,
      };
      const recorded = await record({ action: 'conflict-decision', ...about, details: { value: 'both' } });
      if (!recorded.ok) return recorded;
      const kept = await cache.outbox.keepBoth({ id });
      if (!kept.ok) return kept;
      onWritten([patientId]);
      return { ok: true, value: {} };
    },
  };
}

/** A new record has no base that could be missing or stale; and one that is no valid FHIR is a fault of ours. */
function newCode(code: string): WriteError {
  if (code === 'invalid') return 'internal';
  const told = (['not-permitted', ...auditErrors, 'disk-full', 'fields-not-sealed', 'patient-merged'] as const).find(
    (one) => one === code,
  );
  return told ?? 'store-failed';
}
