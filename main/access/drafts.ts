import type { AuditError } from '../../preload/contract/audit.ts';
import type { Result } from '../../preload/contract/channel.ts';
import type { DraftItem } from '../../preload/contract/drafts.ts';
import type { Contract, ErrorCode, Request, Response } from '../../preload/contract/index.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuditEntry } from '../audit/event.ts';
import type { Cache } from '../cache/client.ts';
import type { Subject } from '../cache/operations.ts';
import type { Access, Decision } from './access.ts';

type Calls = Contract['drafts']['calls'];
type Call<Name extends keyof Calls> = (
  request: Request<Calls[Name]>,
) => Promise<Result<Response<Calls[Name]>, ErrorCode<Calls[Name]>>>;

/**
 * The only way from the page to drafts. One is kept, shown and given up only where the chart is permitted; one whose
 * patient is denied meanwhile stays where it is, unseen.
 */
export interface Drafts {
  keep: Call<'keep'>;
  drop: Call<'drop'>;
  ofPatient: Call<'ofPatient'>;
  list: Call<'list'>;
}

export interface DraftsOptions {
  access: Pick<Access, 'decide'>;
  audit: Pick<Audit, 'record'>;
  cache: Pick<Cache, 'outbox' | 'read'>;
  practitioner: string;
  server: string;
  now: () => number;
}

const NOTE = 'DocumentReference';

type Basis = Extract<Decision, { allowed: true }>['basis'];
type Recorded = Promise<Result<void, AuditError>>;
type Key = { readonly patientId: string; readonly noteId: string | null };

function failed<Code extends string>(code: Code): { ok: false; error: { code: Code } } {
  return { ok: false, error: { code } };
}

export function createDrafts({ access, audit, cache, practitioner, server, now }: DraftsOptions): Drafts {
  /** Somebody types for minutes, and each half second is kept: it is recorded once, not each time. */
  const recordedKeeps = new Set<string>();

  const record = (entry: Omit<AuditEntry, 'practitioner' | 'server'>) =>
    audit.record({ ...entry, practitioner, server });

  /** The note that a draft would change, if it is there: its labels are decided on, as for the note itself. */
  async function subjectsOf({ patientId, noteId }: Key): Promise<readonly Subject[]> {
    if (noteId === null) return [];
    const id = await cache.outbox.resolveId({ type: NOTE, id: noteId });
    const subject = await cache.read.subject({ type: NOTE, id });
    return subject?.patientId === patientId ? [subject] : [];
  }

  async function mayWrite(key: Key): Promise<Decision> {
    const subjects = await subjectsOf(key);
    const about = subjects.length > 0 ? { subjects } : { type: NOTE };
    return access.decide({ action: writing(key.noteId), patientId: key.patientId, ...about });
  }

  async function mayRead(key: Key): Promise<Decision> {
    const subjects = await subjectsOf(key);
    return access.decide({ action: 'read', patientId: key.patientId, subjects });
  }

  async function readable(drafts: readonly DraftItem[]): Promise<DraftItem[]> {
    const permitted = await Promise.all(drafts.map(mayRead));
    return drafts.filter((_, index) => permitted[index]?.allowed);
  }

  async function recordOnce(
    action: 'draft' | 'denied',
    view: string,
    { patientId, noteId }: Key,
    basis: Basis = {},
  ): Recorded {
    const id = JSON.stringify([action, patientId, noteId]);
    if (recordedKeeps.has(id)) return { ok: true, value: undefined };
    const about = { patientId, ...resourceOf(noteId), view, ...attemptOf(action, noteId), ...basis };
    const recorded = await record({ action, ...about });
    if (recorded.ok) recordedKeeps.add(id);
    return recorded;
  }

  return {
    async keep({ patientId, noteId, ...rest }) {
      const decision = await mayWrite({ patientId, noteId });
      if (!decision.allowed) {
        await recordOnce('denied', 'drafts.keep', { patientId, noteId });
        return failed('not-permitted');
      }
      const recorded = await recordOnce('draft', 'drafts.keep', { patientId, noteId }, decision.basis);
      if (!recorded.ok) return recorded;
      const changedAt = new Date(now()).toISOString();
      const kept = await cache.outbox.keepDraft({ patientId, noteId, ...rest, changedAt });
      return kept.ok ? { ok: true, value: { keptAt: changedAt } } : failed(storeCode(kept.error.code));
    },

    async drop({ patientId, noteId }) {
      const view = 'drafts.drop';
      const decision = await mayWrite({ patientId, noteId });
      if (!decision.allowed) {
        await record({ action: 'denied', patientId, view, ...attemptOf('denied', noteId) });
        return failed('not-permitted');
      }
      const about = { patientId, ...resourceOf(noteId), view, ...decision.basis };
      const recorded = await record({ action: 'draft-discard', ...about });
      if (!recorded.ok) return recorded;
      const dropped = await cache.outbox.dropDraft({ patientId, noteId });
      recordedKeeps.delete(JSON.stringify(['draft', patientId, noteId]));
      return dropped.ok ? { ok: true, value: {} } : failed(storeCode(dropped.error.code));
    },

    async ofPatient({ patientId }) {
      const view = 'drafts.read';
      const decision = await mayRead({ patientId, noteId: null });
      if (!decision.allowed) {
        await record({ action: 'denied', patientId, view });
        return failed('not-permitted');
      }
      const items = await readable(await cache.outbox.drafts({ patientId }));
      // That there is none tells nothing, and each look at the notes would be recorded twice.
      if (items.length === 0) return { ok: true, value: { items } };
      const recorded = await record({ action: 'read', patientId, view, ...decision.basis });
      return recorded.ok ? { ok: true, value: { items } } : recorded;
    },

    async list() {
      const all = await cache.outbox.drafts({});
      if (all.length === 0) return { ok: true, value: { items: [], hidden: 0 } };
      const recorded = await record({ action: 'search', view: 'drafts.list' });
      if (!recorded.ok) return recorded;
      const items = (await readable(all)).map(({ body: _body, ...line }) => line);
      return { ok: true, value: { items, hidden: all.length - items.length } };
    },
  };
}

function writing(noteId: string | null): 'create' | 'update' {
  return noteId === null ? 'create' : 'update';
}

function resourceOf(noteId: string | null): { resource?: string } {
  return noteId === null ? {} : { resource: `DocumentReference/${noteId}` };
}

function attemptOf(action: 'draft' | 'denied', noteId: string | null): { attempted?: 'create' | 'update' } {
  return action === 'denied' ? { attempted: writing(noteId) } : {};
}

function storeCode(code: string): 'disk-full' | 'store-failed' {
  return code === 'disk-full' ? 'disk-full' : 'store-failed';
}
