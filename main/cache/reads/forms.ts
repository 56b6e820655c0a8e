import type { ListedForm } from '../../../preload/contract/forms.ts';
import { placeholder } from '../../../preload/contract/placeholders.ts';
import { idKey } from '../id-key.ts';
import { bound, text, versionIdOf } from '../json.ts';
import { getMeta, runKeys } from '../meta.ts';
import type { ReadDb } from '../open.ts';
import type { FormList, KnownForms, SeenForms, SyncTask } from '../operations.ts';
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
  return { items: items.slice(0, FORMS_MAX), more: items.length > FORMS_MAX, state: stateOf(db, urls) };
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

/** What is known of those that policy offers: by the last search for forms, and by what the searches before it brought. */
function stateOf(db: ReadDb, urls: SeenForms['urls']): FormList['state'] {
  const { tasks } = askedForms(db);
  if (tasks.length === 0) return 'not-fetched';
  if (tasks.some(({ state }) => state === 'refused')) return 'not-permitted';
  const known = knownForms(db);
  const isAsked = known !== null && (known.urls === null || (urls?.every((url) => known.urls?.includes(url)) ?? false));
  return isAsked && known.whole && tasks.every(({ state }) => state === 'done') ? 'complete' : 'partial';
}

interface FormTask {
  readonly url: string;
  readonly state: SyncTask['state'];
  readonly flawed: 0 | 1;
}

/** The run's searches for forms in use, which forms these are about, and whether only what was changed is asked for. */
export function askedForms(db: ReadDb): { tasks: FormTask[]; urls: string[] | null; since: boolean } {
  const tasks = sql(
    db,
    `SELECT url, state, flawed FROM sync_task
     WHERE resource_type = ? AND kind = 'search' AND url LIKE '%status=active%' ORDER BY seq`,
  ).all(TYPE) as FormTask[];
  const lists = tasks.map(({ url }) => /&url=([^&]*)/.exec(url)?.[1] ?? null);
  const urls = lists.includes(null) ? null : lists.flatMap((list) => list?.split(',').map(decodeURIComponent) ?? []);
  return { tasks, urls, since: tasks.some(({ url }) => url.includes('&_lastUpdated=')) };
}

/** Which forms were fetched by complete runs. */
export function knownForms(db: ReadDb): KnownForms | null {
  return JSON.parse(getMeta(db, runKeys.forms) ?? 'null') as KnownForms | null;
}
