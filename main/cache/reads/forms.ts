import type { ListedForm } from '../../../preload/contract/forms.ts';
import { placeholder } from '../../../preload/contract/placeholders.ts';
import { idKey } from '../id-key.ts';
import { bound, text, versionIdOf } from '../json.ts';
import type { ReadDb } from '../open.ts';
import type { FormList, SeenForms } from '../operations.ts';
import { isShown, needCurrent } from '../sight.ts';
import { sql } from '../statements.ts';

/** Most forms that one list has. */
const FORMS_MAX = 500;
const TYPE = 'Questionnaire';
const OF_TYPE = "type = (SELECT tid FROM term WHERE text = 'Questionnaire')";

interface Row {
  readonly id: string;
  readonly body: string;
  readonly label: number;
}

/** The forms in use that may be seen, by their titles. */
export function formList(db: ReadDb, { sight, urls }: SeenForms): FormList {
  needCurrent(db, sight);
  const rows = sql(db, `SELECT id, body, label FROM resource WHERE ${OF_TYPE}`).all() as Row[];
  const items = rows.flatMap(({ id, body, label }): ListedForm[] => {
    const resource: unknown = isShown(sight, TYPE, label) ? JSON.parse(body) : null;
    return isInUse(resource, urls) ? [{ id, ...namesOf(resource) }] : [];
  });
  items.sort((a, b) => a.title.localeCompare(b.title));
  return { items: items.slice(0, FORMS_MAX), more: items.length > FORMS_MAX, state: stateOf(db) };
}

/** The text of a form in use, with its version; null where it isn't there or may not be seen. */
export function readForm(
  db: ReadDb,
  { id, sight, urls }: SeenForms & { id: string },
): { text: string; versionId: string; title: string; about: string | null } | null {
  needCurrent(db, sight);
  const row = sql(db, `SELECT id, body, label FROM resource WHERE ${OF_TYPE} AND key = ? AND id = ?`).get(
    idKey(id),
    id,
  ) as Row | undefined;
  const resource: unknown = row && isShown(sight, TYPE, row.label) ? JSON.parse(row.body) : null;
  if (!row || !isInUse(resource, urls)) return null;
  const { title, about } = namesOf(resource);
  return { text: row.body, versionId: versionIdOf(resource), title, about };
}

function isInUse(resource: unknown, urls: SeenForms['urls']): boolean {
  const url = text(resource, 'url');
  return text(resource, 'status') === 'active' && (urls === null || (url !== undefined && urls.includes(url)));
}

function namesOf(resource: unknown): Omit<ListedForm, 'id'> {
  const about = text(resource, 'description') ?? text(resource, 'purpose');
  return {
    title: bound(text(resource, 'title') ?? text(resource, 'name') ?? placeholder('form'), 200),
    about: about === undefined ? null : bound(about, 500),
    version: text(resource, 'version') ?? null,
  };
}

/** What is known of them: by the last search for them. */
function stateOf(db: ReadDb): FormList['state'] {
  const states = sql(
    db,
    "SELECT state FROM sync_task WHERE resource_type = ? AND kind = 'search' AND url LIKE '%status=active%'",
  )
    .pluck()
    .all(TYPE) as string[];
  if (states.length === 0) return 'not-fetched';
  if (states.includes('refused')) return 'not-permitted';
  return states.every((state) => state === 'done') ? 'complete' : 'partial';
}
