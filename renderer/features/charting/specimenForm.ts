import { bridge } from '../../app/bridge.ts';
import { t } from '../../words/t.ts';
import type { Field, Form } from './formTypes.ts';
import { numberFields, numberIn } from './numberField.ts';
import { readerOf } from './reading.ts';
import { LONGEST } from './words.ts';
import type { NumberedRecord } from './write.ts';

const TYPES = [
  ['', t('Choose…')],
  ['venous-blood', t('Venous blood')],
  ['arterial-blood', t('Arterial blood')],
  ['capillary-blood', t('Capillary blood')],
  ['blood-culture', t('Blood culture')],
  ['urine', t('Urine')],
  ['midstream-urine', t('Mid-stream urine')],
  ['sputum', t('Sputum')],
  ['stool', t('Stool')],
  ['csf', t('Cerebrospinal fluid')],
  ['wound-swab', t('Wound swab')],
  ['throat-swab', t('Throat swab')],
  ['nasopharyngeal-swab', t('Nasopharyngeal swab')],
  ['other', t('Something else')],
] as const;
type Type = Exclude<(typeof TYPES)[number][0], ''>;
const CHOICES = TYPES.flatMap(([type]): Type[] => (type === '' ? [] : [type]));

const TIME = /^([01]?\d|2[0-3])[:.]?([0-5]\d)$/;
const DAY_MS = 24 * 60 * 60_000;

/** The last moment at which a clock said so; null where it says nothing. */
export function lastTimeOf(typed: string, now: Date): Date | null {
  const [, hours, minutes] = TIME.exec(typed.trim()) ?? [];
  if (hours === undefined || minutes === undefined) return null;
  const moment = new Date(now);
  moment.setHours(Number(hours), Number(minutes), 0, 0);
  return moment.getTime() > now.getTime() ? new Date(moment.getTime() - DAY_MS) : moment;
}

const TAKEN: Field = {
  kind: 'text',
  name: 'taken',
  label: t('Taken at'),
  hint: t('Now, where this is empty; else a time of the last 24 hours, such as 04:10'),
  longest: LONGEST.short,
  part: 'half',
};

/** What was taken of a patient while the EHR can't give it a number. */
export const specimenForm: Form = {
  type: 'Specimen',
  title: t('Label a specimen in a downtime'),
  start: { number: 'next', type: '' },
  fields: (typed) => [
    { kind: 'choice', name: 'type', label: t('What it is'), options: TYPES, part: 'half' },
    // When it was taken is no part of what is corrected.
    ...(typed['number'] === 'kept' ? [] : [TAKEN]),
    {
      kind: 'text',
      name: 'text',
      label: typed['type'] === 'other' ? t('What it is, in words') : t('More closely'),
      longest: LONGEST.name,
    },
    ...numberFields(typed),
  ],
  draftTitle: () => t('Specimen'),
  typedOf: (rejected) =>
    rejected.kind === 'specimen' ? { number: 'kept', type: rejected.given.type, text: rejected.given.text ?? '' } : {},
  elements: { type: ['type'], text: ['type.text'] },
  prepare(about, typed, today) {
    const read = readerOf(typed, today);
    const type = read.choice('type', CHOICES);
    if (type === null) read.fault('type', t('Choose what it is.'));
    const taken = read.text('taken');
    const time = taken === null ? null : lastTimeOf(taken, new Date());
    if (taken !== null && time === null) read.fault('taken', t('Type a time such as 04:10.'));
    const specimen = {
      type: type ?? 'other',
      text: type === 'other' ? read.need('text', t('Say in words what it is.')) : read.text('text'),
      collected: time === null ? null : localInstant(time),
      number: numberIn(typed, read),
    };
    return read.prepared(() => bridge().charting.labelSpecimen({ ...about, ...specimen }));
  },
  next: (saved) => ({ kind: 'numbered', record: { type: 'Specimen', ...(saved as Omit<NumberedRecord, 'type'>) } }),
};

/** With the offset of the workstation. */
function localInstant(time: Date): string {
  const ahead = -time.getTimezoneOffset();
  const two = (value: number) => String(value).padStart(2, '0');
  const local = new Date(time.getTime() + ahead * 60_000).toISOString().slice(0, -1);
  const minutes = Math.abs(ahead);
  return `${local}${ahead < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
