import type { CapabilityStatement } from 'fhir/r4';
import type { Cache } from '../cache/client.ts';
import { readCapabilities } from './capabilities.ts';
import { withinScopes, without } from './granted.ts';
import { type Failure, failed, type RunOptions, type ServerFacts, stopped } from './run-options.ts';
import { remembers } from './witness.ts';

/** Where the cache keeps why the server counts as reset; empty once a person has accepted it. */
const RESET = 'sync.reset';
const IDENTITY = 'sync.server';
const STATEMENT = 'sync.statement';

/**
 * Asks what the server can do, and whether it is still the server that the cache was filled from, with what it had then.
 * Version ids are opaque and are given out again after a restore: a version is known by its id and its time.
 */
export async function meetServer(options: RunOptions): Promise<{ ok: true; value: ServerFacts } | Failure> {
  const { cache, policy } = options;
  if ((await resetReason(cache)) !== null) return stopped('server-reset');
  const asked = await askStatement(options);
  if (!asked.ok) return asked;
  const { statement, serverTime } = asked.value;
  const capabilities = readCapabilities(statement);
  const run = await cache.read.run();
  const cursor = [run.asOf, run.startedAt].filter((time) => time !== null);
  if (cursor.some((time) => Date.parse(time) > Date.parse(serverTime) + policy.cursorLimitMs)) {
    return serverReset(cache, 'cursor-ahead');
  }
  const known = (await cache.read.getMeta({ key: IDENTITY })) || null;
  const { identity } = capabilities;
  if (known !== null && identity !== null && known !== identity) return serverReset(cache, 'other-server');
  const remembered = await remembers(options, capabilities, serverTime);
  if (remembered !== true) return remembered === false ? serverReset(cache, 'version-unknown') : remembered;
  if (identity !== null && known === null) await cache.write.setMeta({ key: IDENTITY, value: identity });
  const { scopes } = options;
  const leftOut = [...new Set(policy.cache.leaveOut)].sort();
  const granted = scopes ? withinScopes(capabilities, scopes) : capabilities;
  return { ok: true, value: { statement, capabilities: without(granted, leftOut), leftOut, serverTime } };
}

/** Why the server counts as reset, as a code; null where it doesn't. */
export async function resetReason(cache: Cache): Promise<string | null> {
  return (await cache.read.getMeta({ key: RESET })) || null;
}

/** Keeps that the server was reset: nothing is fetched or sent until `acceptServer`. */
export async function serverReset(cache: Cache, why: string): Promise<Failure> {
  await cache.write.setMeta({ key: RESET, value: why });
  return stopped('server-reset');
}

/**
 * Takes the server for what it is now: for IT, after a look at what has happened. Everything is fetched anew before
 * anything is sent, and each unsent change is compared with what the server has then. What is cut off in between leaves
 * the server reset, and is done again as a whole.
 */
export async function acceptServer(cache: Cache): Promise<void> {
  // An edit in between has its base from before, and is in doubt as well; after it none can have such a base.
  await cache.write.acceptServer();
  await cache.outbox.doubt();
  await cache.write.setMeta({ key: IDENTITY, value: '' });
  await cache.write.setMeta({ key: RESET, value: '' });
}

/** The CapabilityStatement; the server is asked only whether the one that is known still holds. */
async function askStatement(
  options: RunOptions,
): Promise<{ ok: true; value: Pick<ServerFacts, 'statement' | 'serverTime'> } | Failure> {
  const { cache, fhir, signal, onAnswer } = options;
  const kept = JSON.parse((await cache.read.getMeta({ key: STATEMENT })) || 'null') as {
    etag: string;
    text: string;
  } | null;
  const answer = await fhir.get('metadata', signal, kept ? { ifNoneMatch: kept.etag } : {});
  if (!answer.ok) return failed(answer.error);
  const { status, etag, serverTime } = answer.value;
  onAnswer(serverTime);
  // Without the server's time there is no cursor that could be trusted (design rule 2).
  if (!serverTime) return stopped('server-answer-invalid');
  const text = status === 304 && kept ? kept.text : answer.value.text;
  const statement = parseStatement(text);
  if (statement === 'unreadable') return stopped('server-answer-invalid');
  if (status !== 304) {
    const value = etag === null ? '' : JSON.stringify({ etag, text });
    if (value !== '' || kept) await cache.write.setMeta({ key: STATEMENT, value });
  }
  return { ok: true, value: { statement, serverTime } };
}

/** Null where the answer is something else than a statement; it then says nothing of the server. */
function parseStatement(text: string): CapabilityStatement | null | 'unreadable' {
  try {
    const statement = JSON.parse(text) as CapabilityStatement | null;
    return statement?.resourceType === 'CapabilityStatement' ? statement : null;
  } catch {
    return 'unreadable';
  }
}
