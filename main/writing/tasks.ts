import type { NewTask, TaskStatus } from '../../preload/contract/clinical.ts';
import { phrase, placeholder } from '../../preload/contract/placeholders.ts';
import { type Base, baseOf, type Changed, during, failed, noted, patientOf, writerOf, written } from './change.ts';
import { instantOf, textOf, type Writing, type Written } from './resource.ts';

/** Something to be done for a patient (R4 task.html). */
export function newTask(given: NewTask, writing: Writing): Written {
  const { title, owner, due, priority, note } = given;
  const time = instantOf(writing);
  const resource = {
    resourceType: 'Task',
    id: writing.id,
    status: 'requested',
    intent: 'order',
    priority,
    description: title,
    for: patientOf(writing),
    ...during(writing),
    authoredOn: time,
    lastModified: time,
    requester: writerOf(writing),
    ...(owner && { owner }),
    ...noted(note, writing),
    ...(due && { restriction: { period: { end: due } } }),
  };
  return written(resource, phrase('new-task', title)).value;
}

const ENDED: ReadonlySet<string> = new Set(['completed', 'cancelled', 'rejected', 'failed', 'entered-in-error']);
/** Each of these says that what was asked for is not done: somebody will want to know why. */
const NEEDS_REASON: ReadonlySet<TaskStatus> = new Set(['on-hold', 'cancelled', 'rejected', 'failed']);

export function changedTask(base: Base & { status: TaskStatus; reason: string | null }, writing: Writing): Changed {
  const found = baseOf('Task', base, writing);
  if (!found.ok) return found;
  const { statusReason: _ofBefore, ...before } = found.value;
  const { status, reason } = base;
  const now = textOf(before['status']) ?? '';
  if (ENDED.has(now) || now === status || (reason === null && NEEDS_REASON.has(status)))
    return failed('not-changeable');
  const resource = {
    ...before,
    status,
    ...(reason !== null && { statusReason: { text: reason } }),
    lastModified: laterOf(textOf(before['authoredOn']), instantOf(writing)),
  };
  return written(resource, phrase(`task-${status}`, textOf(before['description']) ?? placeholder('record')));
}

/** Where a clock is behind the one that it was written by (R4 task.html, inv-1). */
function laterOf(authored: string | undefined, now: string): string {
  return authored !== undefined && Date.parse(authored) > Date.parse(now) ? authored : now;
}
