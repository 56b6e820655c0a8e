import type { NewImmunization } from '../../../preload/contract/clinical.ts';
import { bridge } from '../../app/bridge.ts';
import { t } from '../../words/t.ts';
import { typedDay, typedNamed } from './correction.ts';
import type { Field, Form, Typed } from './formTypes.ts';
import { type Reader, readerOf } from './reading.ts';
import { DATE_HINT, LONGEST } from './words.ts';

const GIVEN = [
  ['given', t('Given')],
  ['not-given', t('Not given')],
] as const;
const SITES = [
  ['', t('Not recorded')],
  ['left-arm', t('Left arm')],
  ['right-arm', t('Right arm')],
  ['left-thigh', t('Left thigh')],
  ['right-thigh', t('Right thigh')],
] as const;
const ROUTES = [
  ['', t('Not recorded')],
  ['intramuscular', t('Intramuscular')],
  ['subcutaneous', t('Subcutaneous')],
  ['intradermal', t('Intradermal')],
  ['nasal', t('Nasal')],
  ['oral', t('Oral')],
] as const;

const GIVEN_FIELDS: readonly Field[] = [
  { kind: 'text', name: 'lot', label: t('Lot number'), longest: LONGEST.short, part: 'half' },
  {
    kind: 'date',
    name: 'expiry',
    label: t('Expires'),
    hint: t('A day, such as 12-Mar-2027'),
    longest: 30,
    part: 'half',
  },
  { kind: 'choice', name: 'site', label: t('Site'), options: SITES, part: 'half' },
  { kind: 'choice', name: 'route', label: t('Route'), options: ROUTES, part: 'half' },
  { kind: 'number', name: 'dose', label: t('Amount in mL'), longest: LONGEST.number, part: 'half' },
  {
    kind: 'number',
    name: 'doseNumber',
    label: t('Dose of the series'),
    hint: t('1 for the first'),
    longest: 3,
    part: 'half',
  },
];

/** An immunisation that was given, or was not and why. */
export const immunizationForm: Form = {
  type: 'Immunization',
  title: t('Record an immunisation'),
  start: { given: 'given', site: '', route: '' },
  fields: (typed) => [
    { kind: 'named', name: 'vaccine', label: t('Vaccine'), suggest: 'vaccine' },
    { kind: 'choice', name: 'given', label: t('Was it given?'), options: GIVEN, part: 'half' },
    {
      kind: 'date',
      name: 'occurrence',
      label: isGiven(typed) ? t('When') : t('When it was to be given'),
      hint: isGiven(typed) ? t('Now where left empty. {DATE_HINT}', { DATE_HINT }) : DATE_HINT,
      longest: LONGEST.date,
      part: 'half',
    },
    ...(isGiven(typed)
      ? GIVEN_FIELDS
      : [{ kind: 'area', name: 'notDone', label: t('Why it was not given'), longest: LONGEST.reason } as const]),
    { kind: 'area', name: 'note', label: t('Comment'), longest: LONGEST.comment },
  ],
  draftTitle: ({ vaccine }) =>
    vaccine?.trim() ? t('Immunisation: {trim}', { trim: vaccine.trim() }) : t('Immunisation'),
  typedOf: (rejected) => (rejected.kind === 'immunization' ? typedIn(rejected.given) : {}),
  elements: {
    ...{ vaccine: ['vaccineCode'], given: ['status'], occurrence: ['occurrence', 'occurrenceDateTime'] },
    ...{ lot: ['lotNumber'], expiry: ['expirationDate'], site: ['site'], route: ['route'], dose: ['doseQuantity'] },
    ...{ doseNumber: ['protocolApplied'], notDone: ['statusReason'], note: ['note'] },
  },
  prepare(about, typed, today) {
    const read = readerOf(typed, today);
    const immunization: NewImmunization = {
      vaccine: read.named('vaccine', t('Type which vaccine it is.')),
      occurrence: read.date('occurrence', isGiven(typed) ? 'past' : 'any'),
      ...(isGiven(typed) ? givenOf(read) : notGivenOf(read)),
      note: read.text('note'),
    };
    return read.prepared(() => bridge().charting.recordImmunization({ ...about, ...immunization }));
  },
};

function typedIn({ vaccine, notDone, doseNumber, ...given }: NewImmunization): Typed {
  return {
    ...typedNamed('vaccine', vaccine),
    ...{ given: notDone === null ? 'given' : 'not-given', notDone: notDone ?? '', note: given.note ?? '' },
    ...{ occurrence: typedDay(given.occurrence), expiry: typedDay(given.expiry), lot: given.lot ?? '' },
    ...{ site: given.site ?? '', route: given.route ?? '', dose: given.dose ?? '' },
    doseNumber: doseNumber === null ? '' : String(doseNumber),
  };
}

type Part = Omit<NewImmunization, 'vaccine' | 'occurrence' | 'note'>;

function isGiven({ given }: Typed): boolean {
  return given !== 'not-given';
}

function givenOf(read: Reader): Part {
  const expiry = read.date('expiry', 'any');
  if (expiry !== null && expiry.length < 10) read.fault('expiry', t('Type a day, such as 12-Mar-2027.'));
  return {
    notDone: null,
    lot: read.text('lot'),
    expiry,
    site: read.choice('site', ['left-arm', 'right-arm', 'left-thigh', 'right-thigh']),
    route: read.choice('route', ['intramuscular', 'subcutaneous', 'intradermal', 'nasal', 'oral']),
    dose: read.amount('dose'),
    doseNumber: read.count('doseNumber', 20),
  };
}

/** Nothing of what belongs to a vaccine that was given goes along, whatever was typed before. */
function notGivenOf(read: Reader): Part {
  const notDone = read.need('notDone', t('Type why it was not given.'));
  if (notDone.length === 1) read.fault('notDone', t('Say a little more.'));
  return { notDone, lot: null, expiry: null, site: null, route: null, dose: null, doseNumber: null };
}
