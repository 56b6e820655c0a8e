import type { Result } from '../../../preload/contract/channel.ts';
import { fieldLayer } from '../fields/layer.ts';
import { factsOf } from '../ingest/facts.ts';
import { isId, parseReference } from '../json.ts';
import type { AddError, NewChange } from '../operations.ts';
import {
  identified,
  isObject,
  type JsonObject,
  placed,
  printResource,
  readResource,
  withReferences,
} from './content.ts';
import { dropDraft } from './drafts.ts';
import { dropNeverSent } from './drop.ts';
import { cachedRow, catchUp, follow, type Key, type Parts } from './follow.ts';
import { keepNumber } from './numbered.ts';
import { isCorrectable } from './parked.ts';
import { insertRow, isOwnSuccessor, isUncertain, openRows, type Row, serverIdOf, updateRow } from './rows.ts';
import { keepAddress } from './transfer-rows.ts';
import { isCreatable } from './types.ts';

type Added = Result<{ changeId: string }, AddError>;

const failed = (code: AddError): Added => ({ ok: false, error: { code } });
const done = (changeId: string): Added => ({ ok: true, value: { changeId } });

/** What `If-Match` can carry. */
const VERSION = /^[\x21\x23-\x7e]{1,200}$/;

/**
 * Keeps a change: the row first, durably, then the text in the cache. A crash between the two is made good at the next
 * opening. What is kept `along` with it is kept in the same transaction.
 */
export function addChange(parts: Parts, change: NewChange, along?: (resource: string) => void): Added {
  const { db } = parts;
  catchUp(parts);
  const resource = serverIdOf(db, change.type, change.resourceId);
  const mine = change.body === null ? null : readMine(parts, change);
  if (mine === undefined || !isId(resource) || (mine === null) !== (change.action === 'delete')) {
    return failed('not-writable');
  }
  if (mine && isOfAnother(parts, change, mine)) return failed('not-writable');
  const key: Key = { type: change.type, resource };
  const added = db
    .transaction(() => {
      const kept = keep(parts, change, key, mine);
      // Together: a draft that outlived what was saved from it would be saved a second time.
      if (kept.ok && change.draft) dropDraft(db, change.draft);
      if (kept.ok) along?.(resource);
      if (kept.ok && change.number) keepNumber(parts, change, change.number);
      if (kept.ok && key.type === 'DocumentReference') keepAddress(db, resource);
      return kept;
    })
    .immediate();
  if (added.ok) follow(parts, [key]);
  return added;
}

/** A text that names another patient than the one in whose chart it was written, or the encounter of another. */
function isOfAnother({ db, cache }: Parts, { patientId, type }: NewChange, mine: JsonObject): boolean {
  if (type === 'Patient') return false;
  const facts = factsOf(printResource(mine));
  const patient = serverIdOf(db, 'Patient', patientId);
  const isAnother = (one: string | null | undefined) => typeof one === 'string' && one !== patient;
  return isAnother(facts?.patient) || encountersIn(mine).some((id) => isAnother(patientOfEncounter(cache, id)));
}

/** Ids of the encounters in which a record says that it was made. */
function encountersIn({ encounter, context }: JsonObject): string[] {
  const inContext = isObject(context) ? context.encounter : undefined;
  return [encounter, context, ...(Array.isArray(inContext) ? inContext : [inContext])].flatMap((one) => {
    const reference = isObject(one) ? parseReference(one.reference) : undefined;
    return reference?.type === 'Encounter' ? [reference.id] : [];
  });
}

/** Null where it isn't cached. */
function patientOfEncounter(cache: Parts['cache'], id: string): string | null {
  const row = cachedRow(cache, 'Encounter', id);
  return row ? (factsOf(row.body)?.patient ?? null) : null;
}

/** The text with references to what was created here as the server knows them; undefined where it is no such resource. */
function readMine({ db }: Parts, { body, type }: NewChange): JsonObject | undefined {
  try {
    const resource = readResource(body ?? '');
    if (resource.resourceType !== type) return undefined;
    return withReferences(resource, (reference) => serverReference(db, reference));
  } catch {
    return undefined;
  }
}

function serverReference(db: Parts['db'], reference: string): string | undefined {
  const [type = '', id = ''] = reference.split('/');
  const server = serverIdOf(db, type, id);
  return server === id ? undefined : `${type}/${server}`;
}

function keep(parts: Parts, change: NewChange, key: Key, mine: JsonObject | null): Added {
  const open = openRows(parts.db, key.type, key.resource);
  const last = open.at(-1);
  // Whatever became of it meanwhile: nothing is sent beside it, nor in the place of anything else.
  if (change.corrects !== undefined && (last?.id !== change.corrects || !isCorrectable(parts, last)))
    return failed('stale');
  if (change.action === 'create') return keepCreate(parts, change, key, mine, last);
  if (last) return keepFurther(parts, change, open, last, mine);
  return keepFirst(parts, change, key, mine);
}

function keepCreate(parts: Parts, change: NewChange, key: Key, mine: JsonObject | null, last: Row | undefined): Added {
  if (mine === null || !isCreatable(key.type)) return failed('not-writable');
  if (last || cachedRow(parts.cache, key.type, key.resource)) return failed('stale');
  const body = identified(placed(mine, key.resource, null), key.resource);
  return insert(parts, change, key, { baseVersion: null, baseBody: null, mine: printResource(body) });
}

function keepFirst(parts: Parts, change: NewChange, key: Key, mine: JsonObject | null): Added {
  const cached = cachedRow(parts.cache, key.type, key.resource);
  if (!cached) return failed('not-found');
  const seen = change.baseVersionId ?? '';
  if (!isOwnSuccessor(parts.db, key.type, key.resource, seen, cached.versionId)) return failed('stale');
  if (cached.subsetted === 1 || !VERSION.test(cached.versionId)) return failed('not-writable');
  const baseBody = fieldLayer(parts.cache).original(cached.body);
  const base = readResource(baseBody);
  return insert(parts, change, key, {
    baseVersion: cached.versionId,
    baseBody,
    mine: mine && printResource(placed(mine, key.resource, base)),
  });
}

/** A further edit of what was not sent replaces it; one of what is being sent comes after it. */
function keepFurther(parts: Parts, change: NewChange, open: readonly Row[], last: Row, mine: JsonObject | null): Added {
  const { db } = parts;
  const key: Key = last;
  const shown = open[0]?.baseVersion ?? '';
  if (!isOwnSuccessor(db, key.type, key.resource, change.baseVersionId ?? '', shown)) return failed('stale');
  if (last.action === 'delete') return failed('not-found');
  const base = open[0]?.baseBody ? readResource(open[0].baseBody) : null;
  const isCreate = open[0]?.action === 'create';
  const placedMine = mine && placed(mine, key.resource, base);
  const text = placedMine && printResource(isCreate ? identified(placedMine, key.resource) : placedMine);
  const mayBeTaken = isUncertain(last);
  if (mayBeTaken) updateRow(db, last.id, { state: 'sending', problem: null });
  if (last.state === 'sending' || mayBeTaken) {
    return insert(parts, change, key, { baseVersion: null, baseBody: last.mine, mine: text });
  }
  if (last.action === 'create' && text === null) {
    dropNeverSent(parts, last);
    return done(last.id);
  }
  const { title, author, changedAt, provenance = null } = change;
  const action = text === null ? 'delete' : last.action;
  const state = last.state === 'parked' ? 'waiting' : last.state;
  updateRow(db, last.id, { mine: text, provenance, title, author, changedAt, action, state, problem: null });
  return done(last.id);
}

function insert(
  { db, newId }: Parts,
  { patientId, action, title, author, changedAt, provenance = null }: NewChange,
  { type, resource }: Key,
  texts: Pick<Row, 'baseVersion' | 'baseBody' | 'mine'>,
): Added {
  const id = newId();
  const patient = serverIdOf(db, 'Patient', patientId);
  insertRow(db, { id, patient, type, resource, action, title, author, changedAt, provenance, ...texts });
  return done(id);
}
