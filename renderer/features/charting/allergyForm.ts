import type { NewAllergy } from '../../../preload/contract/clinical.ts';
import { bridge } from '../../app/bridge.ts';
import { t } from '../../words/t.ts';
import { typedDay, typedNamed } from './correction.ts';
import type { Field, Form, Typed } from './formTypes.ts';
import { codingOf, type Reader, readerOf } from './reading.ts';
import { DATE_HINT, LONGEST, SEVERITIES } from './words.ts';

const CATEGORIES = [
  ['medication', t('Medicine')],
  ['food', t('Food')],
  ['environment', t('Environment')],
  ['biologic', t('Biologic')],
] as const;
const CRITICALITIES = [
  ['', t('Not recorded')],
  ['high', t('High: a reaction could kill or harm for good')],
  ['low', t('Low')],
  ['unable-to-assess', t('Could not be assessed')],
] as const;
const CERTAINTIES = [
  ['confirmed', t('Confirmed')],
  ['unconfirmed', t('Unconfirmed, such as told by the patient')],
] as const;
/** The contract's `REACTIONS_MAX`. */
const REACTIONS_MAX = 20;

/** An allergy or intolerance. */
export const allergyForm: Form = {
  type: 'AllergyIntolerance',
  title: t('Record an allergy or intolerance'),
  also: t('Where “no known allergies” is recorded, that is refuted with it.'),
  // Certainty and criticality are said by a person, and never by the order of a list.
  start: { verification: '', criticality: '', reactions: '1' },
  fields: (typed) => [
    { kind: 'named', name: 'substance', label: t('Substance'), suggest: 'allergy' },
    { kind: 'checks', name: 'category', label: t('Kind'), options: CATEGORIES },
    {
      kind: 'choice',
      name: 'verification',
      label: t('Certainty'),
      options: [['', t('Choose…')], ...CERTAINTIES],
      part: 'half',
    },
    { kind: 'choice', name: 'criticality', label: t('Criticality'), options: CRITICALITIES, part: 'half' },
    ...Array.from({ length: rowsOf(typed) }, (_, row) => reactionFields(row)).flat(),
    { kind: 'more', name: 'reactions', label: t('Add a reaction'), count: REACTIONS_MAX },
    { kind: 'date', name: 'onset', label: t('Since'), hint: DATE_HINT, longest: LONGEST.date },
    { kind: 'area', name: 'note', label: t('Comment'), longest: LONGEST.comment },
  ],
  draftTitle: ({ substance }) => (substance?.trim() ? t('Allergy: {trim}', { trim: substance.trim() }) : t('Allergy')),
  typedOf: (rejected) => (rejected.kind === 'allergy' ? typedIn(rejected.given) : {}),
  elements: {
    ...{ substance: ['code'], category: ['category'], verification: ['verificationStatus'], note: ['note'] },
    ...{ criticality: ['criticality'], onset: ['onset', 'onsetDateTime'], reaction0: ['reaction'] },
    'reaction0.severity': ['reaction.severity'],
  },
  prepare(about, typed, today) {
    const read = readerOf(typed, today);
    const verification = read.choice('verification', ['confirmed', 'unconfirmed']);
    if (verification === null) read.fault('verification', t('Choose how certain it is.'));
    const allergy: NewAllergy = {
      substance: read.named('substance', t('Type what the patient reacts to.')),
      category: CATEGORIES.map(([value]) => value).filter((value) => typed[`category.${value}`] === 'yes'),
      criticality: read.choice('criticality', ['high', 'low', 'unable-to-assess']),
      verification: verification ?? 'unconfirmed',
      onset: read.date('onset', 'past'),
      reactions: Array.from({ length: rowsOf(typed) }, (_, row) => reactionOf(read, typed, row)).flatMap(
        (one) => one ?? [],
      ),
      note: read.text('note'),
    };
    return read.prepared(() => bridge().charting.recordAllergy({ ...about, ...allergy }));
  },
};

function typedIn({ substance, category, reactions, onset, note, ...choices }: NewAllergy): Typed {
  const rows = reactions.map(({ manifestation, severity }, row) => ({
    ...typedNamed(`reaction${row}`, manifestation),
    [`reaction${row}.severity`]: severity ?? '',
  }));
  return {
    ...typedNamed('substance', substance),
    ...Object.fromEntries(category.map((value) => [`category.${value}`, 'yes'])),
    ...{ verification: choices.verification, criticality: choices.criticality ?? '' },
    ...{ onset: typedDay(onset), note: note ?? '', reactions: String(Math.max(1, reactions.length)) },
    ...Object.assign({}, ...rows),
  };
}

function rowsOf({ reactions }: Typed): number {
  return Math.min(REACTIONS_MAX, Math.max(1, Number(reactions) || 1));
}

function reactionFields(row: number): Field[] {
  const place = row === 0 ? '' : ` ${row + 1}`;
  return [
    {
      kind: 'named',
      name: `reaction${row}`,
      label: t('Reaction{place}', { place }),
      suggest: 'reaction',
      part: 'half',
    },
    {
      kind: 'choice',
      name: `reaction${row}.severity`,
      label: t('Severity{place}', { place }),
      options: SEVERITIES,
      part: 'half',
    },
  ];
}

function reactionOf(read: Reader, typed: Typed, row: number): NewAllergy['reactions'][number] | null {
  const text = read.text(`reaction${row}`);
  const severity = read.choice(`reaction${row}.severity`, ['mild', 'moderate', 'severe']);
  if (text !== null) return { manifestation: { text, coding: codingOf(typed, `reaction${row}`) }, severity };
  if (severity !== null) read.fault(`reaction${row}`, t('Type what happened, or take the severity away.'));
  return null;
}
