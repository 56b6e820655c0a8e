import type { AuditError } from '../../preload/contract/audit.ts';
import type { Result } from '../../preload/contract/channel.ts';
import type { DraftItem, DraftKey } from '../../preload/contract/drafts.ts';
import type { Contract, ErrorCode, Request, Response } from '../../preload/contract/index.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuditEntry } from '../audit/events/entry.ts';
import type { Cache } from '../cache/client.ts';
import type { Labels } from '../cache/ingest/labels.ts';
import type { KeptDraft, Subject } from '../cache/operations.ts';
import type { IsDraftSealed } from '../documents/fields/drafts.ts';
import type { Access, Basis, Decision, Grounds } from './access.ts';
import { createSearches } from './searches.ts';

type Calls = Contract['drafts']['calls'];
type Call<Name extends keyof Calls> = (
  request: Request<Calls[Name]>,
) => Promise<Result<Response<Calls[Name]>, ErrorCode<Calls[Name]>>>;

/**
 * The only way from the page to drafts. One is kept, shown and given up only where the chart is permitted; one whose
 * patient or record is denied meanwhile stays where it is, unseen.
 */
export interface Drafts {
  keep: Call<'keep'>;
  drop: Call<'drop'>;
  open: Call<'open'>;
  ofPatient: Call<'ofPatient'>;
  list: Call<'list'>;
}

export interface DraftsOptions {
  access: Pick<Access, 'decide' | 'groundsOf'>;
  audit: Pick<Audit, 'record'>;
  cache: Pick<Cache, 'outbox' | 'read'>;
  practitioner: string;
  server: string;
  now: () => number;
  newId: () => string;
  /** Drafts of these are encrypted; absent where none are. */
  isSealed?: IsDraftSealed;
}

/** The labels that were kept with the draft of a record; null where there are none. */
type KeptLabels = (resourceId: string) => Promise<Labels | null>;

type Recorded = Promise<Result<void, AuditError>>;

function failed<Code extends string>(code: Code): { ok: false; error: { code: Code } } {
  return { ok: false, error: { code } };
}

export function createDrafts({
  access,
  audit,
  cache,
  practitioner,
  server,
  now,
  newId,
  isSealed,
}: DraftsOptions): Drafts {
  const recordSearch = createSearches({ audit, practitioner, server, now, newId });
  /**
   * Somebody types for minutes, and each half second is kept: it is recorded once, not each time, and again where another
   * purpose or emergency access has come to allow it.
   */
  const recordedKeeps = new Map<string, string>();

  const record = (entry: Omit<AuditEntry, 'practitioner' | 'server'>) =>
    audit.record({ ...entry, practitioner, server });

  /**
   * What a draft of a record is judged by: the record, as for its own content. One that is gone, from the cache or to
   * another patient, may have been withdrawn from this clinician: then by what it was when the draft was kept. Null: not
   * known.
   */
  async function judged(
    resourceId: string,
    { patientId, resourceType: type }: DraftKey,
    keptLabels: KeptLabels,
  ): Promise<readonly Subject[] | null> {
    const id = await cache.outbox.resolveId({ type, id: resourceId });
    const record = await cache.read.subject({ type, id });
    if (record?.patientId === patientId) return [record];
    const labels = await keptLabels(id);
    return labels && [{ patientId, type, labels }, ...(record ? [record] : [])];
  }

  /** With the labels that are kept with the draft. */
  async function decideWrite(key: DraftKey): Promise<{ decision: Decision; labels: Labels | null }> {
    const { patientId, resourceType: type, resourceId } = key;
    const action = writing(key);
    if (resourceId === null) return { decision: await access.decide({ action, patientId, type }), labels: null };
    const subjects = await judged(resourceId, key, async (id) => {
      const kept = await cache.outbox.drafts({ patientId });
      return kept.find((draft) => draft.resourceType === type && draft.resourceId === id)?.labels ?? null;
    });
    if (subjects === null) {
      const grounds = await access.groundsOf(patientId);
      return { decision: { allowed: false, reason: 'hidden', grounds }, labels: null };
    }
    const changed = await access.decide({ action, patientId, subjects });
    // What is added to a record, or takes the place of one that was rejected, is a new one when it is saved.
    const isNone = !changed.allowed && changed.reason === 'policy';
    const decision = isNone ? await access.decide({ action: 'create', patientId, type, subjects }) : changed;
    return { decision, labels: subjects[0]?.labels ?? null };
  }

  async function mayRead(draft: KeptDraft<DraftItem>): Promise<boolean> {
    const { patientId, resourceId, labels } = draft;
    const subjects = resourceId === null ? [] : await judged(resourceId, draft, async () => labels);
    return subjects !== null && (await access.decide({ action: 'read', patientId, subjects })).allowed;
  }

  /** As the page may have them: without the labels, and without a text that is encrypted. */
  async function readable(drafts: readonly KeptDraft<DraftItem>[]): Promise<DraftItem[]> {
    const permitted = await Promise.all(drafts.map(mayRead));
    return drafts.filter((_, index) => permitted[index]).map(({ labels: _labels, ...draft }) => withoutText(draft));
  }

  async function recordOnce(
    action: 'draft' | 'denied',
    view: string,
    key: DraftKey,
    grounds: Grounds,
    basis: Basis = {},
  ): Recorded {
    const id = JSON.stringify([action, ...partsOf(key)]);
    const known = JSON.stringify(basis);
    if (recordedKeeps.get(id) === known) return { ok: true, value: undefined };
    const attempt = { ...resourceOf(key), view, ...attemptOf(action, key) };
    const recorded = await record({ action, patientId: key.patientId, ...grounds, ...attempt, ...basis });
    if (recorded.ok) recordedKeeps.set(id, known);
    return recorded;
  }

  return {
    async keep(typed) {
      const view = 'drafts.keep';
      const { decision, labels } = await decideWrite(typed);
      if (!decision.allowed) {
        await recordOnce('denied', view, typed, decision.grounds);
        return failed('not-permitted');
      }
      const recorded = await recordOnce('draft', view, typed, decision.grounds, decision.basis);
      if (!recorded.ok) return recorded;
      const changedAt = new Date(now()).toISOString();
      const sealed = (await isSealed?.(typed)) ?? false;
      const kept = await cache.outbox.keepDraft({ ...typed, changedAt, labels, sealed });
      return kept.ok ? { ok: true, value: { keptAt: changedAt } } : failed(storeCode(kept.error.code));
    },

    async drop(key) {
      const view = 'drafts.drop';
      const { patientId } = key;
      const { decision } = await decideWrite(key);
      if (!decision.allowed) {
        await record({ action: 'denied', patientId, ...decision.grounds, view, ...attemptOf('denied', key) });
        return failed('not-permitted');
      }
      const { basis, grounds } = decision;
      const about = { patientId, ...grounds, ...resourceOf(key), ...basis };
      const recorded = await record({ action: 'draft-discard', view, ...about });
      if (!recorded.ok) return recorded;
      const dropped = await cache.outbox.dropDraft(key);
      recordedKeeps.delete(JSON.stringify(['draft', ...partsOf(key)]));
      return dropped.ok ? { ok: true, value: {} } : failed(storeCode(dropped.error.code));
    },

    async ofPatient({ patientId, resourceType }) {
      const view = 'drafts.read';
      const decision = await access.decide({ action: 'read', patientId });
      if (!decision.allowed) {
        await record({ action: 'denied', patientId, ...decision.grounds, view });
        return failed('not-permitted');
      }
      const kept = await cache.outbox.drafts({ patientId });
      const all = kept.filter((draft) => draft.resourceType === resourceType);
      const items = await readable(all);
      const entry = { action: 'read', patientId, ...decision.grounds, view, ...decision.basis } as const;
      // That there is none tells nothing, and each look at the chart would be recorded twice.
      const recorded = items.length > 0 ? await record(entry) : null;
      if (recorded && !recorded.ok) return recorded;
      // What was opened for a time may have ended meanwhile.
      if (!decision.holds()) return failed('not-permitted');
      return { ok: true, value: { items, withheld: all.length - items.length } };
    },

    async open(key) {
      const { patientId, resourceType: type } = key;
      const view = 'drafts.open';
      const kept = await cache.outbox.drafts({ patientId });
      const draft = kept.find((one) => one.resourceType === type && one.resourceId === key.resourceId);
      const subjects = draft?.resourceId ? await judged(draft.resourceId, draft, async () => draft.labels) : [];
      const decision = await access.decide({ action: 'read', patientId, ...(subjects && { subjects }) });
      if (!decision.allowed || subjects === null) {
        await record({ action: 'denied', attempted: 'decrypt', patientId, ...decision.grounds, view });
        return failed('not-permitted');
      }
      const about = { patientId, ...resourceOf(key), ...decision.grounds, view, ...decision.basis };
      if (draft?.resourceType !== 'DocumentReference') {
        const recorded = await record({ action: 'read', ...about, details: { code: 'not-found' } });
        return recorded.ok ? failed('not-found') : recorded;
      }
      const encryption = { context: { type, path: 'draft' }, keyId: 'outbox', algorithm: 'AES-256-GCM' };
      const recorded = await record({ action: 'decrypt', ...about, encryption });
      if (!recorded.ok) return recorded;
      return decision.holds() ? { ok: true, value: { body: draft.body } } : failed('not-permitted');
    },

    async list() {
      const all = await cache.outbox.drafts({});
      if (all.length === 0) return { ok: true, value: { items: [], hidden: 0 } };
      const items = (await readable(all)).map(({ body: _body, kind: _kind, sealed: _sealed, ...line }) => line);
      const recorded = await recordSearch({ view: 'drafts.list', patients: items.map(({ patientId }) => patientId) });
      if (!recorded.ok) return recorded;
      return { ok: true, value: { items, hidden: all.length - items.length } };
    },
  };
}

function withoutText(draft: DraftItem): DraftItem {
  return draft.sealed && draft.resourceType === 'DocumentReference' ? { ...draft, body: '' } : draft;
}

function partsOf({ patientId, resourceType, resourceId }: DraftKey): readonly (string | null)[] {
  return [patientId, resourceType, resourceId];
}

function writing({ resourceId }: DraftKey): 'create' | 'update' {
  return resourceId === null ? 'create' : 'update';
}

function resourceOf({ resourceType, resourceId }: DraftKey): { resource?: string } {
  return resourceId === null ? {} : { resource: `${resourceType}/${resourceId}` };
}

function attemptOf(action: 'draft' | 'denied', key: DraftKey): { attempted?: 'create' | 'update' } {
  return action === 'denied' ? { attempted: writing(key) } : {};
}

function storeCode(code: string): 'disk-full' | 'store-failed' {
  return code === 'disk-full' ? 'disk-full' : 'store-failed';
}
