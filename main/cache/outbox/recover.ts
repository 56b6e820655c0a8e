import type { DraftKey } from '../../../preload/contract/drafts.ts';
import type { ReadDb } from '../open.ts';
import { sql } from '../statements.ts';
import { provenanceOf } from './attest.ts';
import { identifierToken, knownBy, readResource } from './content.ts';
import { draftBody } from './drafts.ts';
import { isReferenceTo } from './drop.ts';
import { allOpenRows, type Row, type RowState } from './rows.ts';
import { wireText } from './sending.ts';

/** Unsent changes, as IT gets them out of a workstation on which nobody can unlock any more. */
export interface RecoveredWork {
  readonly changes: number;
  /** Texts that were typed and not saved. */
  readonly drafts: number;
  readonly states: Readonly<Partial<Record<RowState, number>>>;
  /** A transaction Bundle for each patient: what Wardlight would have sent (R4 http.html#transaction). */
  readonly bundles: readonly string[];
  /** All of it in one. */
  readonly bundle: string;
}

/** Reads what was not sent. Nothing that would replace or delete without a condition is made of it (design rule 4). */
export function recoverWork(db: ReadDb, newId: () => string): RecoveredWork {
  const rows = allOpenRows(db);
  const records = grouped(rows, ({ type, resource }) => `${type}/${resource}`);
  const creates = rows.filter(({ action }) => action === 'create');
  const urls = new Map(creates.map((row) => [row, `urn:uuid:${newId()}`]));
  const drafts = draftsOf(db);
  const entries = [
    ...records.flatMap((record) => {
      const texts = [entryOf(record, urls), ...provenanceEntry(record, urls)];
      return texts.map((text) => ({ patient: record[0]!.patient, text }));
    }),
    ...drafts.map((draft) => ({ patient: draft.patient, text: draftText(draft) })),
  ];
  const byPatient = grouped(entries, ({ patient }) => patient);
  const states: Partial<Record<RowState, number>> = {};
  for (const { state } of rows) states[state] = (states[state] ?? 0) + 1;
  return {
    changes: rows.length,
    drafts: drafts.length,
    states,
    bundles: byPatient.map((of) => bundleOf(of.map(({ text }) => text))),
    bundle: bundleOf(entries.map(({ text }) => text)),
  };
}

/** In the order in which the first of each group came. */
function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}

function bundleOf(entries: readonly string[]): string {
  return `{"resourceType":"Bundle","type":"transaction","entry":[${entries.join(',')}]}`;
}

/** What became of one record: of several changes, the last text, under the condition of the first. */
function entryOf(changes: readonly Row[], urls: ReadonlyMap<Row, string>): string {
  const [first, last] = [changes[0]!, changes.at(-1)!];
  const url = `${first.type}/${first.resource}`;
  const version = first.baseVersion;
  const ifMatch = version ? `W/"${version}"` : null;
  try {
    if (first.action === 'create' && last.mine !== null) {
      const request = createOf(first.type, first.resource);
      const resource = wireText({ ...last, action: 'create' }, urls);
      return `{"fullUrl":${JSON.stringify(urls.get(first))},"resource":${resource},"request":${JSON.stringify(request)}}`;
    }
    if (ifMatch && last.mine === null) return JSON.stringify({ request: { method: 'DELETE', url, ifMatch } });
    if (ifMatch)
      return `{"resource":${wireText(last, urls)},"request":${JSON.stringify({ method: 'PUT', url, ifMatch })}}`;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
  }
  return asText(first, last.mine ?? '');
}

function createOf(type: string, id: string) {
  return { method: 'POST', url: type, ifNoneExist: `${knownBy(type)}=${identifierToken(id)}` };
}

/** Who wrote the last of several changes; goes with the record, under the url that it has in the bundle. */
function provenanceEntry(changes: readonly Row[], urls: ReadonlyMap<Row, string>): string[] {
  const [{ action }, last] = [changes[0]!, changes.at(-1)!];
  const text = provenanceOf({ ...last, action }, (reference) => {
    for (const [create, url] of urls) if (isReferenceTo(reference, create)) return url;
    return undefined;
  });
  if (text === null) return [];
  const { id, ...resource } = readResource(text);
  return [JSON.stringify({ resource, request: createOf('Provenance', String(id)) })];
}

/** What can't be sent as it is, or can't be read as a resource, is kept for a person to read. */
function asText({ type, resource, patient }: Row, text: string): string {
  return binaryOf(`${type}/${resource} of Patient/${patient}\n${text}`);
}

interface DraftRow {
  readonly patient: string;
  readonly type: DraftKey['resourceType'];
  readonly resource: string;
  readonly title: string;
  readonly body: string;
  readonly changedAt: string;
  readonly sealed: number;
}

function draftsOf(db: ReadDb): DraftRow[] {
  const rows = sql(
    db,
    'SELECT patient, type, resource, title, body, changed_at AS changedAt, sealed FROM draft ORDER BY changed_at',
  ).all() as DraftRow[];
  return rows.map((row) => ({ ...row, body: draftBody(db, row) }));
}

/** A draft is no part of the record before its author has saved it: a person is to read it. */
function draftText({ patient, type, resource, title, body, changedAt }: DraftRow): string {
  const amended = resource === '' ? '' : ` for ${type}/${resource}`;
  return binaryOf(`Draft, not saved: ${title}${amended} of Patient/${patient}, last typed ${changedAt}\n${body}`);
}

function binaryOf(said: string): string {
  const data = Buffer.from(said, 'utf8').toString('base64');
  const binary = { resourceType: 'Binary', contentType: 'text/plain; charset=utf-8', data };
  return JSON.stringify({ resource: binary, request: { method: 'POST', url: 'Binary' } });
}
