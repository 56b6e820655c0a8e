import type { AuditError } from '../../preload/contract/audit.ts';
import type { Result } from '../../preload/contract/channel.ts';
import type { DraftKey } from '../../preload/contract/drafts.ts';
import type { Language } from '../../preload/contract/languages.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuditEntry } from '../audit/events/entry.ts';
import type { Cache } from '../cache/client.ts';
import type { AddError, NewChange, Subject } from '../cache/operations.ts';
import type { Sealer } from '../documents/fields/sealer.ts';
import type { Composer } from '../writing/composer.ts';
import type { Attestation } from '../writing/provenance.ts';
import type { Writing, Written } from '../writing/resource.ts';
import type { Access, AccessRequest, Decision, Grounds } from './access.ts';

export type Refusal = 'not-permitted' | AuditError;
type Allowed = Extract<Decision, { allowed: true }>;
export type WriteError = Refusal | 'disk-full' | 'store-failed' | 'fields-not-sealed' | 'patient-merged' | 'invalid';
export type Answer<Value, Code extends string> = Promise<Result<Value, Code>>;

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
  /** The program on this workstation, for Provenance; null where the sign-in doesn't cover that there is one. */
  device: () => Promise<Attestation['device'] | null>;
  /** Something was written: the patients whose records are other ones now. */
  onWritten: (patients: readonly string[]) => void;
  /** In which main's own words are written. */
  language: () => Promise<Language>;
}

export interface Write<Code extends string> {
  readonly action: 'create' | 'update';
  readonly type: string;
  readonly view: string;
  readonly patientId: string;
  /** The record that is changed; null for a new one. */
  readonly base: { readonly id: string; readonly versionId: string } | null;
  /** A record that a new one is about: it has to be the patient's, and seen. */
  readonly about?: string;
  /** The draft in which this was written, of a record or of a new one. */
  readonly draft?: DraftKey;
  readonly activity?: Attestation['activity'];
  /** Why, where that was asked for. */
  readonly reason?: string | null;
  /** When it was begun, where that was noted: an instant. */
  readonly began?: string;
  /** The rejected change in whose place it is sent. Its base is what is changed, not what is shown. */
  readonly corrects?: string;
  /** What is to be kept; `resource` is the text of the base, or of what it is about. */
  readonly make: (writing: Writing, resource: string) => Result<Written, Code> | Promise<Result<Written, Code>>;
}

/** What must be known of who decided or wrote, to tell it in a Provenance. */
type Author = Pick<Attestation, 'activity' | 'type' | 'resourceId' | 'baseVersionId' | 'reason' | 'began'> & {
  /** Milliseconds: the reading of the clock that the record itself has; now, where this isn't said. */
  readonly at?: number;
  readonly patientId: string;
  readonly grounds: Partial<Grounds>;
  readonly basis: Allowed['basis'];
};

/** How everything is written: decided, made, checked, recorded durably, and only then kept. */
export interface Writer {
  record(entry: Omit<AuditEntry, 'practitioner' | 'server'>): ReturnType<Audit['record']>;
  /** What was decided; a refusal is recorded. */
  decided(request: AccessRequest, attempted: 'create' | 'update', view: string): Promise<Decision>;
  /** The Provenance of what was written or decided, to be handed to the outbox with it. */
  attested(author: Author): Promise<{ provenance?: string }>;
  write<Code extends string>(
    request: Write<Code>,
  ): Answer<string, Code | WriteError | 'not-found' | 'stale' | 'not-writable'>;
}

export function failed<Code extends string>(code: Code): Result<never, Code> {
  return { ok: false, error: { code } };
}

export function createWriter(options: WritesOptions): Writer {
  const { access, audit, cache, composer, sealer, wrapping, practitioner, display, server } = options;
  const { now, offsetMinutes, newId, device, onWritten, language } = options;

  const record: Writer['record'] = (entry) => audit.record({ ...entry, practitioner, server });

  const decided: Writer['decided'] = async (request, attempted, view) => {
    const decision = await access.decide(request);
    const { patientId } = request;
    if (!decision.allowed) await record({ action: 'denied', attempted, patientId, view, ...decision.grounds });
    return decision;
  };

  async function writingFor(patientId: string, id: string, { sight }: Allowed): Promise<Writing> {
    const time = now();
    // With a label that the decision didn't know there is doubt, and no encounter is named.
    const encounter = await cache.read.currentEncounter({ patientId, sight }).catch((error: unknown) => {
      if ((error as { code?: unknown } | null)?.code === 'sight-outdated') return null;
      throw error;
    });
    return { patientId, practitioner, display, encounter, now: time, offsetMinutes: offsetMinutes(time), id };
  }

  const attested: Writer['attested'] = async ({ patientId, grounds, basis, at, ...about }) => {
    const workstation = await device();
    if (!workstation) return {};
    const time = at ?? now();
    const { purpose = 'TREAT', emergency = false } = basis;
    const { roles = [] } = grounds;
    const writing = { patientId, practitioner, display, now: time, offsetMinutes: offsetMinutes(time), id: newId() };
    const attestation = { ...about, roles, purpose, emergency, device: workstation };
    return { provenance: composer.provenanceOf(attestation, writing) };
  };

  /** What was rejected is decided as it was written: by every version of it that is known here. */
  async function lookAtParked({ type, patientId, corrects = '' }: Write<string>) {
    const parked = await cache.outbox.parked({ id: corrects });
    const isThere = parked?.change.patientId === patientId && parked.change.resourceType === type;
    if (!parked || !isThere) return { asked: { action: 'read', patientId } as const, id: newId(), parked: null };
    const { [corrects]: subjects = [] } = await cache.outbox.subjects({ id: corrects });
    const asked: AccessRequest = { action: parked.change.action, patientId, subjects };
    return { asked, id: parked.change.resourceId, parked };
  }

  /** The record that is changed or added to: decided with the rest. Another patient's is none, whoever may read it. */
  async function look({ action, type, patientId, base, about }: Write<string>) {
    const shown = base?.id ?? about;
    // What was shown before it was sent has another id since.
    const known = shown === undefined ? null : await cache.outbox.resolveId({ type, id: shown });
    const subject = known === null ? null : await cache.read.subject({ type, id: known });
    const isThere = known === null || subject?.patientId === patientId;
    const asked = isThere ? askedOf(action, type, patientId, subject) : ({ action: 'read', patientId } as const);
    return { known, isThere, asked, id: base && known !== null ? known : newId() };
  }

  async function write<Code extends string>(
    request: Write<Code>,
  ): Answer<string, Code | WriteError | 'not-found' | 'stale' | 'not-writable'> {
    const { action, type, view, patientId, base, corrects } = request;
    const found = corrects === undefined ? { ...(await look(request)), parked: null } : await lookAtParked(request);
    const { asked, id, parked } = found;
    const decision = await decided(asked, action, view);
    if (!decision.allowed) return failed(decision.reason === 'hidden' ? 'not-found' : 'not-permitted');
    if (await cache.read.isReplaced({ patientId })) {
      await record({ action: 'denied', attempted: action, patientId, view, ...decision.grounds });
      return failed('patient-merged');
    }
    if (corrects !== undefined && (parked === null || (base === null) !== (parked.base === null)))
      return failed('stale');
    const resource = 'known' in found ? await textOf(type, found.known) : (parked?.base ?? '');
    if (resource === null || ('isThere' in found && !found.isThere)) return failed('not-found');
    const writing = await writingFor(patientId, id, decision);
    const made = await request.make(writing, resource);
    if (!made.ok) return made;
    const isAnew = base === null && parked?.mine;
    const anew = isAnew ? composer.asCorrected(made.value, parked.mine, writing) : made.value;
    const value = composer.worded(anew, await language());
    const faults = await composer.faultsIn(value.body, base && resource);
    if (faults.length > 0) return { ok: false, error: { code: 'invalid', detail: faults.join('\n') } };
    return keep(request, decision, value, writing);
  }

  async function textOf(type: string, id: string | null): Promise<string | null> {
    return id === null ? '' : cache.read.resource({ type, id, wrapping: wrapping() });
  }

  /** Sealed, recorded, and kept with its Provenance. */
  async function keep<Code extends string>(
    { action, type, view, patientId, base, draft, activity, reason = null, began, corrects }: Write<Code>,
    { basis, grounds }: Allowed,
    made: Written,
    writing: Writing,
  ): Answer<string, WriteError | 'not-found' | 'stale' | 'not-writable'> {
    const { id } = writing;
    const about = { type, id, patientId, purpose: basis.purpose ?? 'TREAT', role: roleOf(grounds) };
    const sealed = await sealer.seal(made, { ...about, now: writing.now });
    if (!sealed.ok) return sealed;
    const { encryption, ...kept } = sealed.value;
    const entry = { action, patientId, resource: `${type}/${id}`, view, ...grounds, ...basis };
    const recorded = await record({ ...entry, ...(encryption && { encryption }) });
    if (!recorded.ok) return recorded;
    const baseVersionId = base && base.versionId !== '' ? base.versionId : null;
    // What was never sent is still being made.
    const done = activity ?? (baseVersionId === null ? 'create' : 'update');
    const told = { activity: done, type, resourceId: id, baseVersionId, reason, ...(began && { began }) };
    const author = { ...told, patientId, grounds, basis, at: writing.now };
    const change: NewChange = {
      ...{ patientId, type, resourceId: id, action, baseVersionId },
      ...kept,
      author: practitioner,
      changedAt: new Date(writing.now).toISOString(),
      ...(draft && { draft }),
      ...(made.number && { number: made.number }),
      ...(corrects !== undefined && { corrects, action: 'update' as const }),
      ...(await attested(author)),
    };
    const added = await cache.outbox.add(change);
    if (!added.ok) return failed(storeCode(added.error.code));
    onWritten([patientId]);
    return { ok: true, value: id };
  }

  return { record, decided, attested, write };
}

function askedOf(action: 'create' | 'update', type: string, patientId: string, subject: Subject | null): AccessRequest {
  if (subject && action === 'update') return { action, patientId, subjects: [subject] };
  return { action, patientId, type, ...(subject && { subjects: [subject] }) };
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
