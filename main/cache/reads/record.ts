import type { RichText } from '../../../preload/contract/rich.ts';
import type { RecordView, VersionLine } from '../../../preload/contract/timeline.ts';
import { startOf } from '../dates.ts';
import { idKey } from '../id-key.ts';
import { factsOf } from '../ingest/facts.ts';
import { bound, field, items, parseExact, text } from '../json.ts';
import type { ReadDb } from '../open.ts';
import { type JsonObject, readResource } from '../outbox/content.ts';
import { grouped } from '../outbox/merge.ts';
import { readableElement } from '../outbox/readable.ts';
import { rulingLabel } from '../past/versions.ts';
import { isShown, needCurrent, type Sight } from '../sight.ts';
import { sql } from '../statements.ts';
import { isFormTitle } from '../views/forms.ts';
import { type Lookup, personText } from '../views/medications.ts';
import { named } from '../views/named.ts';
import { voidNumbers } from '../views/numbers.ts';
import { richTextOf } from '../views/rich/rich-text.ts';
import { entryText, kindOf } from '../views/timeline.ts';
import { createLookup, termOf, unsentOf } from './sections.ts';

const VERSIONS_MAX = 500;
const FIELDS_MAX = 200;
const NAME = /^[A-Za-z][A-Za-z0-9]{0,63}$/;

export interface AskedRecord {
  readonly patientId: string;
  readonly sight: Sight;
  readonly type: string;
  readonly id: string;
  /** Null for the newest that may be seen. */
  readonly version: string | null;
  /** Only what was known here then; null for all. */
  readonly at: number | null;
}

interface Version {
  readonly version: string;
  readonly body: string;
  readonly patient: number | null;
  readonly since: number | null;
  readonly until: number | null;
  readonly ended: VersionLine['ended'];
  readonly local: number;
}

/**
 * A version of a record, element by element, and which others this workstation has; null where it is another patient's,
 * may not be seen or isn't here. Each version is judged by its own labels and by those that the record has by now.
 */
export function readRecord(db: ReadDb, asked: AskedRecord): RecordView | null {
  const { patientId, sight, type, id, version, at } = asked;
  needCurrent(db, sight);
  const owner = sql(db, 'SELECT pid FROM patient WHERE id = ?').get(patientId) as { pid: number } | undefined;
  if (!owner) return null;
  const { pid } = owner;
  const kept = versionsOf(db, type, id);
  // The server has said that it may not be read any longer: neither may what it was before.
  if (kept[0]?.ended === 'unavailable') return null;
  const all = at === null ? kept : knownAt(kept, at);
  const isSeen = ({ patient, body }: Version) =>
    patient === pid && isShown(sight, type, rulingLabel(db, { type, id, body }, sight));
  const seen = all.filter(isSeen).slice(0, VERSIONS_MAX);
  const shown = version === null ? seen[0] : seen.find((one) => one.version === version);
  if (!shown) return null;
  const lookup = createLookup(db, pid, sight);
  const bucket = factsOf(shown.body)?.bucket ?? 0;
  return {
    kind: kindOf(type, bucket),
    type,
    id,
    title: entryText(type, bucket, parseExact(shown.body), lookup, null).title,
    shown: lineOf(shown, lookup),
    ...fieldsOf(shown.body, lookup),
    narrative: narrativeOf(shown.body),
    versions: seen.map((one) => lineOf(one, lookup)),
    hidden: all.length - seen.length,
  };
}

/** The versions that were known at a moment, as they stood then: what ended one later is not known yet. */
function knownAt(versions: readonly Version[], at: number): Version[] {
  return versions
    .filter(({ since }) => since !== null && since <= at)
    .map((one) => (one.until !== null && one.until <= at ? one : { ...one, until: null, ended: 'current' }));
}

function versionsOf(db: ReadDb, type: string, id: string): Version[] {
  const tid = termOf(db, type);
  const current = sql(
    db,
    `SELECT 'current' AS version, body, patient, stored_at AS since, NULL AS until, 'current' AS ended, local
     FROM resource WHERE type = ? AND key = ? AND id = ?`,
  ).all(tid, idKey(id), id);
  const earlier = sql(
    db,
    `SELECT 'h' || hid AS version, body, patient, known_from AS since, known_until AS until, ended, 0 AS local
     FROM history WHERE type = ? AND id = ? ORDER BY hid DESC`,
  ).all(tid, id);
  return [...current, ...earlier] as Version[];
}

function lineOf({ version, body, since, until, ended, local }: Version, lookup: Lookup): VersionLine {
  const resource: unknown = JSON.parse(body);
  const lastUpdated = field(resource, 'meta', 'lastUpdated');
  return {
    version,
    versionId: local === 0 ? (text(resource, 'meta', 'versionId') ?? '') : '',
    lastUpdated: local === 0 && startOf(lastUpdated) !== null ? (lastUpdated as string) : null,
    knownFrom: instantOf(since),
    knownUntil: instantOf(until),
    ended,
    who: whoOf(resource, lookup),
    unsent: unsentOf(local),
  };
}

function instantOf(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** Elements that say who answers for what a record tells. */
const ANSWERS = ['author', 'recorder', 'asserter', 'requester', 'performer', 'informationSource'] as const;

function whoOf(resource: unknown, lookup: Lookup): string | null {
  for (const name of ANSWERS) {
    const value = field(resource, name);
    const people = (Array.isArray(value) ? value : [value]).flatMap(
      (one) => personText(field(one, 'actor') ?? one, lookup) ?? [],
    );
    if (people.length > 0) return bound([...new Set(people)].join(', '));
  }
  return null;
}

/**
 * What the elements say, to be put in words by the page. Of extensions, which speak to programs, it is told that they are
 * there, and of what is encrypted in one that it is; what alters a record stands in `modifierExtension`, and is told.
 */
function fieldsOf(body: string, lookup: Lookup): Pick<RecordView, 'fields' | 'omitted'> {
  const resource = readResource(body);
  const all = [...grouped(named(resource, lookup))].flatMap(([path, group]) => {
    const told = NAME.test(path) ? readableElement(group as JsonObject) : null;
    const said = path === 'extension' ? told?.filter((item) => item.every(({ kind }) => kind === 'hidden')) : told;
    return said?.length ? [{ path, said }] : [];
  });
  const untold =
    items(resource, 'extension').some((one) => !isFormTitle(one)) && !all.some(({ path }) => path === 'extension');
  const marks = items(JSON.parse(body), 'meta', 'security').flatMap(
    (one) => text(one, 'display') ?? text(one, 'code') ?? [],
  );
  const old = voidNumbers(JSON.parse(body));
  if (old.length > 0) all.push({ path: 'voidNumber', said: [[{ kind: 'text', text: bound(old.join(', ')) }]] });
  if (marks.length > 0) all.push({ path: 'security', said: [[{ kind: 'text', text: bound(marks.join(', ')) }]] });
  return { fields: all.slice(0, FIELDS_MAX), omitted: Math.max(0, all.length - FIELDS_MAX) + Number(untold) };
}

/** The longest that is read. */
const NARRATIVE_MAX = 1_000_000;

function narrativeOf(body: string): RichText | null {
  const div = field(JSON.parse(body), 'text', 'div');
  const rich = typeof div === 'string' ? richTextOf(div.slice(0, NARRATIVE_MAX)) : null;
  return rich && rich.blocks.length > 0 ? rich : null;
}
