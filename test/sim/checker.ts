import type { Version } from '../server/store/store.ts';
import type { Edit, Ledger } from './ledger.ts';
import type { Accepted } from './network.ts';
import { type Field, fields, type Markers, markersOf, neverMerged } from './records.ts';

/** What went wrong. `lost` has what was overwritten unseen, too; `diverged` all that keeps a workstation from the truth. */
export interface Violation {
  readonly kind: 'lost' | 'duplicated' | 'unconditional' | 'diverged';
  readonly what: string;
}

/** Which version a text is: numbers of versions are given out again by a restored server, times aren't. */
export const keyOf = (version: { versionId?: string; lastUpdated?: string }) =>
  `${version.versionId ?? ''}|${version.lastUpdated ?? ''}`;

const nothing: Markers = { a: null, b: null };

interface Introduction {
  readonly version: Version;
  readonly marker: string;
}

function byResource(log: readonly Version[]): Map<string, Version[]> {
  const all = new Map<string, Version[]>();
  for (const version of log) {
    const key = `${version.type}/${version.id}`;
    all.set(key, [...(all.get(key) ?? []), version]);
  }
  return all;
}

/** Each version that brings a marker which the version before it did not have. */
export function introductions(log: readonly Version[]): Introduction[] {
  return [...byResource(log).values()].flatMap((versions) => {
    let before = nothing;
    return versions.flatMap((version) => {
      const now = markersOf(version.type, version.text);
      const found = fields.flatMap((field) => {
        const marker = now[field];
        return marker !== null && marker !== before[field] ? [{ version, marker }] : [];
      });
      before = now;
      return found;
    });
  });
}

/** Identifiers that workstations give to what they create, `urn:uuid:<local id>`: one for each time it was made anew. */
export function localIdsOf(version: Version): string[] {
  return [...(version.text ?? '').matchAll(/"value":"urn:uuid:([0-9a-f-]{36})"/g)].map(([, id = '']) => id);
}

/** What workstations created: first versions, together where they have the same identifiers. */
function created(log: readonly Version[]): Map<string, Version[]> {
  const found = new Map<string, Version[]>();
  for (const version of log) {
    const locals = version.created === version.sequence ? localIdsOf(version).join(' ') : '';
    if (locals !== '') found.set(locals, [...(found.get(locals) ?? []), version]);
  }
  return found;
}

/** If-None-Exist finds living resources only: what somebody deleted before the repetition is made again. */
function wasDeletedBefore(log: readonly Version[], first: Version, second: Version): boolean {
  return log.some(
    ({ type, id, text, sequence }) =>
      type === first.type && id === first.id && text === undefined && sequence < second.sequence,
  );
}

/** A create that came twice, and between which somebody deleted what the first had made, brings its later edits too. */
function isMadeAgain(
  log: readonly Version[],
  creations: ReadonlyMap<string, readonly Version[]>,
  version: Version,
): boolean {
  if (version.created !== version.sequence) return false;
  const alike = creations.get(localIdsOf(version).join(' ')) ?? [];
  const before = alike[alike.indexOf(version) - 1];
  return before !== undefined && wasDeletedBefore(log, before, version);
}

function doubled(log: readonly Version[], versions: readonly Version[]): boolean {
  return versions.some((second, i) => i > 0 && !wasDeletedBefore(log, versions[i - 1]!, second));
}

/** Every acknowledged edit is in the server's history, once, but for what a restore made it forget. */
export function checkHistory(
  log: readonly Version[],
  ledger: Pick<Ledger, 'edits' | 'hasInsisted'>,
  forgotten: ReadonlySet<string>,
  accepted: readonly Accepted[],
): Violation[] {
  const authors = new Map(accepted.map(({ version, client }) => [version, client]));
  const violations: Violation[] = [];
  const creations = created(log);
  for (const [local, versions] of creations) {
    if (doubled(log, versions)) {
      violations.push({
        kind: 'duplicated',
        what: `${versions[0]!.type} ${local} was created ${versions.length} times`,
      });
    }
  }
  const places = new Map<string, Version[]>();
  for (const { marker, version } of introductions(log)) places.set(marker, [...(places.get(marker) ?? []), version]);
  for (const edit of ledger.edits) {
    const found = places.get(edit.marker) ?? [];
    const name = `${edit.what} ${edit.marker} of ${edit.type}/${edit.id}`;
    if (edit.state === 'pending') violations.push({ kind: 'lost', what: `${name} is still not sent` });
    const isOthers = (version: Version) => {
      const author = authors.get(version);
      return author !== edit.client && isDecided(ledger, version, author);
    };
    const isDone = isThere(edit, { found, log, creations, isOthers });
    if (edit.state === 'acknowledged' && !isDone && !forgotten.has(edit.marker)) {
      violations.push({ kind: 'lost', what: `${name} was acknowledged and isn't there` });
    }
    const again = found
      .slice(1)
      .filter((version) => !isDecided(ledger, version, authors.get(version)) && !isMadeAgain(log, creations, version));
    if (again.length > 0 && edit.what !== 'create') {
      violations.push({ kind: 'duplicated', what: `${name} is there ${found.length} times` });
    }
  }
  return violations;
}

/** Whether a person put the own text on top of what others did: what stood there before then comes back. */
function isDecided(
  { hasInsisted }: Pick<Ledger, 'hasInsisted'>,
  version: Version,
  client: number | undefined,
): boolean {
  if (client === undefined) return false;
  return [version.id, ...localIdsOf(version)].some((id) => hasInsisted({ client, type: version.type, id }));
}

interface Evidence {
  /** Versions that brought the edit's marker. */
  readonly found: readonly Version[];
  readonly log: readonly Version[];
  readonly creations: ReadonlyMap<string, readonly Version[]>;
  /** Whether somebody else decided that it is made anew, such as on a server that had forgotten it. */
  readonly isOthers: (version: Version) => boolean;
}

function isThere(edit: Edit, { found, log, creations, isOthers }: Evidence): boolean {
  if (edit.what !== 'delete') return found.length > 0;
  const made = [...creations].flatMap(([locals, all]) => (locals.includes(edit.id) ? all : []));
  const ids = new Set([edit.id, ...made.filter((version) => !isOthers(version)).map(({ id }) => id)]);
  const versions = log.filter(({ type, id }) => type === edit.type && ids.has(id));
  // Of a create that never left, nothing need be there.
  return versions.length === 0 || versions.some(({ text }) => text === undefined);
}

/** Judges a version that a workstation made as soon as it is there: did it replace anything that nobody had seen? */
export function checkWrite(
  { client, version, before }: Accepted,
  ledger: Pick<Ledger, 'edits' | 'hasInsisted'>,
  own: ReadonlySet<string>,
): Violation[] {
  if (!before?.text || !(version.type in neverMergedOrNot)) return [];
  if (isDecided(ledger, before, client)) return [];
  const mine = ledger.edits.filter((edit) => edit.client === client && edit.type === version.type);
  const prior = markersOf(before.type, before.text);
  const now = markersOf(version.type, version.text);
  const locals = localIdsOf(before);
  const here = mine.filter(({ id }) => id === version.id || locals.includes(id));
  const name = `${version.method} ${version.type}/${version.id} ${version.versionId} by client ${client}`;
  const isOwn = (marker: string | null) => marker !== null && mine.some((edit) => edit.marker === marker);
  return [
    ...fields.flatMap((field): Violation[] => {
      const was = prior[field];
      if (now[field] === was || was === null || isOwn(was)) return [];
      return sawIt(here, field, was, now[field]) ? [] : [{ kind: 'lost', what: `${name} replaced ${was}, unseen` }];
    }),
    ...mergedAlone(here, version, before, prior, now, own).map(
      (what): Violation => ({ kind: 'lost', what: `${name} ${what}` }),
    ),
  ];
}

const neverMergedOrNot: Readonly<Record<string, true>> = {
  Observation: true,
  DocumentReference: true,
  Condition: true,
  AllergyIntolerance: true,
};

/** What stood in an element in a clinician's view: at the edit, or before the own edits that led to it. */
function seenBefore(here: readonly Edit[], edit: Edit, field: Field): ReadonlySet<string | null> {
  const chain = [edit];
  for (const one of chain) {
    for (const earlier of here) if (earlier.marker === one.saw[field] && !chain.includes(earlier)) chain.push(earlier);
  }
  return new Set(chain.map(({ saw }) => saw[field]));
}

/** Whether the clinician who replaced a marker had it in view. */
function sawIt(here: readonly Edit[], field: Field, was: string, now: string | null): boolean {
  const edits = here.filter((edit) => (now === null ? edit.what === 'delete' : edit.marker === now));
  return edits.some((edit) => seenBefore(here, edit, field).has(was));
}

/** Types that are never merged: what is replaced says what the clinician saw, or is the client's own version. */
function mergedAlone(
  here: readonly Edit[],
  version: Version,
  before: Version,
  prior: Markers,
  now: Markers,
  own: ReadonlySet<string>,
): string[] {
  if (!neverMerged.has(version.type) || own.has(keyOf(before))) return [];
  const brought = fields.map((field) => (now[field] === prior[field] ? null : now[field]));
  const unseen = here.filter(
    (edit) =>
      edit.base !== null &&
      edit.base !== keyOf(before) &&
      brought.includes(edit.marker) &&
      fields.some((field) => !seenBefore(here, edit, field).has(prior[field])),
  );
  return unseen.length > 0 ? ['was merged without a person'] : [];
}
