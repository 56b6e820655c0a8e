import { phrase } from '../../../preload/contract/placeholders.ts';
import { identified, type JsonObject, placed, printResource, readResource, withReferences } from './content.ts';
import type { Parts } from './follow.ts';
import { insertRow, type Row, serverIdOf } from './rows.ts';

/**
 * The Provenance of a change waits in the change's row, and becomes a change of its own in the transaction that settles
 * the first as taken (decision 57): so it never tells of what did not happen, and is there once. To be called when it is
 * known which id the server has given.
 */
export function attest({ db, newId }: Pick<Parts, 'db' | 'newId'>, row: Row): void {
  const text = provenanceOf(row, (reference) => {
    const [type = '', id = '', ...version] = reference.split('/');
    return [type, serverIdOf(db, type, id), ...version].join('/');
  });
  if (text === null) return;
  const { patient, title, author, changedAt } = row;
  const resource = String(readResource(text).id);
  const head = { id: newId(), patient, type: 'Provenance', resource, action: 'create', author, changedAt } as const;
  const texts = { baseVersion: null, baseBody: null, mine: text, provenance: null };
  insertRow(db, { ...head, title: phrase('who-wrote', title), ...texts });
}

/** The Provenance of a change as it is created, with the labels of what it tells of; null where there is none. */
export function provenanceOf(row: Row, change: (reference: string) => string | undefined): string | null {
  if (row.provenance === null) return null;
  const provenance = asSent(withReferences(readResource(row.provenance), change), row);
  const id = String(provenance.id);
  return printResource(identified(placed(labelled(provenance, row), id, null), id));
}

/** Who may not see a record may not learn from its Provenance that somebody wrote it. */
function labelled(provenance: JsonObject, { mine }: Row): JsonObject {
  const meta = mine === null ? undefined : (readResource(mine).meta as JsonObject | undefined);
  return meta?.security === undefined ? provenance : { ...provenance, meta: { security: meta.security } };
}

/** As v3-DataOperation has them. */
const ACTIVITIES: Readonly<Partial<Record<Row['action'], readonly [code: string, display: string]>>> = {
  create: ['CREATE', 'create'],
  update: ['UPDATE', 'revise'],
};

/**
 * What was written in a record that the server didn't have yet may be sent as its creation, or as a change of what it has
 * by then: that is known now only. What takes a record back does so either way.
 */
function asSent(provenance: JsonObject, { action }: Row): JsonObject {
  const coding = (provenance.activity as { coding?: JsonObject[] } | undefined)?.coding?.[0];
  const activity = ACTIVITIES[action];
  if (!coding || !activity || (coding.code !== 'CREATE' && coding.code !== 'UPDATE')) return provenance;
  const [code, display] = activity;
  return { ...provenance, activity: { coding: [{ ...coding, code, display }] } };
}
