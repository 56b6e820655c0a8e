import { bridge } from '../../app/bridge.ts';
import { t } from '../../words/t.ts';
import type { Form } from './formTypes.ts';
import { numberFields, numberIn } from './numberField.ts';
import { readerOf } from './reading.ts';
import { LONGEST } from './words.ts';
import type { NumberedRecord } from './write.ts';

const CLASSES = [
  ['', t('The usual one of this workstation')],
  ['EMER', t('Emergency')],
  ['IMP', t('Inpatient')],
  ['ACUTE', t('Inpatient, acute')],
  ['AMB', t('Outpatient')],
  ['OBSENC', t('Observation')],
  ['SS', t('Short stay')],
] as const;

/** A visit that begins now, while the EHR can't register it. */
export const visitForm: Form = {
  type: 'Encounter',
  title: t('Start a visit in a downtime'),
  also: t(
    'It begins now, and is sent to the EHR once that is back. Look first whether the visit is in the chart already.',
  ),
  start: { number: 'next', class: '' },
  fields: (typed) => [
    { kind: 'choice', name: 'class', label: t('Kind of visit'), options: CLASSES, part: 'half' },
    { kind: 'text', name: 'reason', label: t('Reason'), longest: LONGEST.name },
    ...numberFields(typed),
  ],
  canBeEmpty: true,
  draftTitle: () => t('Visit'),
  typedOf: (rejected) =>
    rejected.kind === 'visit'
      ? { number: 'kept', class: rejected.given.class ?? '', reason: rejected.given.reason ?? '' }
      : {},
  elements: { class: ['class'], reason: ['reasonCode'] },
  prepare(about, typed, today) {
    const read = readerOf(typed, today);
    const visit = {
      class: read.choice('class', ['EMER', 'IMP', 'ACUTE', 'AMB', 'OBSENC', 'SS']),
      reason: read.text('reason'),
      number: numberIn(typed, read),
    };
    return read.prepared(() => bridge().charting.startVisit({ ...about, ...visit }));
  },
  next: (saved) => ({ kind: 'numbered', record: { type: 'Encounter', ...(saved as Omit<NumberedRecord, 'type'>) } }),
};
