import type { Result } from '../../preload/contract/channel.ts';
import type { UpdateProblem } from '../../preload/contract/updates.ts';
import { type Artifact, keysDocument, keysFile, RELEASE_FILE, releaseDocument } from './documents.ts';
import type { Feed } from './feed.ts';
import { believe, type Here, judge, type Seen } from './judge.ts';
import type { Memory, MemoryStore } from './memory.ts';
import { refused } from './refused.ts';
import { open, readKey, sha256 } from './signed.ts';
import { isOlder } from './version.ts';

/** Lists of keys that are followed at one look; a workstation that was away for longer goes on at the next. */
const KEY_LISTS_MAX = 50;

export interface CheckOptions {
  readonly feed: Pick<Feed, 'document'>;
  readonly memory: MemoryStore;
  /** Public keys of the package or of machine policy: never the feed's own. */
  readonly roots: readonly string[];
  readonly here: Here;
  /** Milliseconds since 1970, by the workstation's clock. */
  readonly now: () => number;
}

export interface Offer {
  readonly version: string;
  readonly releasedAt: string;
  readonly isRequired: boolean;
  readonly artifact: Artifact;
  /** When it was first offered here, and until when a person has put it off; milliseconds. */
  readonly since: number;
  readonly putOffUntil: number | null;
}

/** Looks at the feed; null where there is nothing newer for this workstation. */
export async function checkFeed(options: CheckOptions): Promise<Result<Offer | null, UpdateProblem>> {
  const { feed, memory, here, now } = options;
  const begun = await begin(options);
  if (!begun.ok) return begun;
  const listed = await followKeys(begun.value, feed);
  if (!listed.ok) return listed;
  const kept = listed.value;
  if (kept.keysVersion !== begun.value.keysVersion) {
    // Whatever the release is like: a key that is out stays out.
    const written = await memory.write(kept);
    if (!written.ok) return written;
  }
  const text = await feed.document(RELEASE_FILE);
  if (!text.ok) return text;
  if (text.value === null) return refused('feed-unreachable');
  const opened = open(text.value, releaseDocument, kept.keys.map(readKey));
  if (!opened.ok) return opened;
  const release = opened.value.value;
  const time = Math.max(now(), kept.time);
  const seen = believe(opened.value, kept.seen, time);
  if (!seen.ok) return seen;
  if (isOlder(release.version, kept.newest)) return refused('downgrade');
  const verdict = judge(release, here);
  const isOffered = verdict.ok && verdict.value.kind === 'offer';
  // Kept before anything follows from it: from now on nothing older is believed.
  const next = remember(
    { ...kept, time },
    { seen: seen.value, version: isOffered ? release.version : null, now: now() },
  );
  const written = await memory.write(next);
  if (!written.ok) return written;
  if (!verdict.ok) return verdict;
  if (verdict.value.kind === 'none' || !next.offered) return { ok: true, value: null };
  const { artifact, isRequired } = verdict.value;
  const { at: since, putOffUntil } = next.offered;
  const { version, released: releasedAt } = release;
  return { ok: true, value: { version, releasedAt, isRequired, artifact, since, putOffUntil } };
}

/** What was seen so far, with the keys of the package or policy where there were other ones. */
async function begin({ memory, roots, here }: CheckOptions): Promise<Result<Memory, UpdateProblem>> {
  if (roots.length === 0) return refused('no-keys');
  const read = await memory.read();
  if (!read.ok) return read;
  const fresh: Memory = {
    version: 1,
    roots: sha256(JSON.stringify(roots.toSorted())),
    keysVersion: 0,
    keys: [...roots],
    seen: null,
    newest: here.installed,
    time: 0,
    offered: null,
  };
  const kept = read.value;
  if (!kept) return { ok: true, value: fresh };
  const newest = isOlder(kept.newest, here.installed) ? here.installed : kept.newest;
  if (kept.roots === fresh.roots) return { ok: true, value: { ...kept, newest } };
  // Others sign now, who number anew. What has run here, and what time it was, stays.
  return { ok: true, value: { ...fresh, newest, time: kept.time } };
}

/**
 * Goes from list of keys to list of keys, each signed by one of the list before, until there is no further one (The Update
 * Framework, section 5.3). No list is asked for that was followed already, so that an older one can't come back.
 */
async function followKeys(kept: Memory, feed: CheckOptions['feed']): Promise<Result<Memory, UpdateProblem>> {
  let now = kept;
  for (let count = 0; count < KEY_LISTS_MAX; count += 1) {
    const version = now.keysVersion + 1;
    const text = await feed.document(keysFile(version));
    if (!text.ok) return text;
    if (text.value === null) break;
    const opened = open(text.value, keysDocument, now.keys.map(readKey));
    if (!opened.ok) return refused('keys-changed');
    const { value } = opened.value;
    if (value.version !== version) return refused('keys-changed');
    now = { ...now, keysVersion: version, keys: value.keys };
  }
  return { ok: true, value: now };
}

interface News {
  readonly seen: Seen;
  /** What is offered; null for nothing. */
  readonly version: string | null;
  readonly now: number;
}

function remember(kept: Memory, { seen, version, now }: News): Memory {
  if (version === null) return { ...kept, seen, offered: null };
  const offered = kept.offered?.version === version ? kept.offered : { version, at: now, putOffUntil: null };
  return { ...kept, seen, offered };
}
