import type { NewTask } from '../../../preload/contract/clinical.ts';
import { bridge } from '../../app/bridge.ts';
import { t } from '../../words/t.ts';
import { typedDay } from './correction.ts';
import type { Form, Typed } from './formTypes.ts';
import { readerOf } from './reading.ts';
import { LONGEST } from './words.ts';

const PRIORITIES = [
  ['routine', t('Routine')],
  ['urgent', t('Urgent')],
  ['asap', t('As soon as possible')],
  ['stat', t('At once')],
] as const;

/** Something to be done for a patient, by whoever of the team comes to it. */
export const taskForm: Form = {
  type: 'Task',
  title: t('Record a task'),
  start: { priority: 'routine' },
  fields: () => [
    { kind: 'text', name: 'title', label: t('What is to be done'), longest: LONGEST.name },
    { kind: 'choice', name: 'priority', label: t('Priority'), options: PRIORITIES, part: 'half' },
    {
      kind: 'date',
      name: 'due',
      label: t('By'),
      hint: t('A day, such as 12-Mar-2027'),
      longest: LONGEST.date,
      part: 'half',
    },
    { kind: 'area', name: 'note', label: t('Comment'), longest: LONGEST.comment },
  ],
  draftTitle: ({ title }) => (title?.trim() ? t('Task: {trim}', { trim: title.trim() }) : t('Task')),
  typedOf: (rejected) => (rejected.kind === 'task' ? typedIn(rejected.given) : {}),
  elements: { title: ['description'], priority: ['priority'], due: ['restriction'], note: ['note'] },
  prepare(about, typed, today) {
    const read = readerOf(typed, today);
    const due = read.date('due', 'future');
    if (due !== null && due.length < 10) read.fault('due', t('Type a day, such as 12-Mar-2027.'));
    const task = {
      title: read.need('title', t('Type what is to be done.')),
      owner: null,
      due,
      priority: read.choice('priority', ['routine', 'urgent', 'asap', 'stat']) ?? 'routine',
      note: read.text('note'),
    };
    return read.prepared(() => bridge().charting.recordTask({ ...about, ...task }));
  },
};

function typedIn({ title, priority, due, note }: NewTask): Typed {
  return { title, priority, due: typedDay(due), note: note ?? '' };
}
