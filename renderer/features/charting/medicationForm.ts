import type { NewMedication } from '../../../preload/contract/clinical.ts';
import { bridge } from '../../app/bridge.ts';
import { t } from '../../words/t.ts';
import { typedDay, typedNamed } from './correction.ts';
import type { Form, Typed } from './formTypes.ts';
import { type Reader, readerOf } from './reading.ts';
import { DATE_HINT, LONGEST } from './words.ts';

const STATUSES = [
  ['active', t('Taking it')],
  ['intended', t('Going to take it')],
  ['on-hold', t('Paused')],
] as const;
const ROUTES = [
  ['', t('Not recorded')],
  ['oral', t('Oral')],
  ['sublingual', t('Sublingual')],
  ['inhalation', t('Inhalation')],
  ['nasal', t('Nasal')],
  ['topical', t('Topical')],
  ['transdermal', t('Transdermal')],
  ['ocular', t('Ocular')],
  ['rectal', t('Rectal')],
  ['vaginal', t('Vaginal')],
  ['subcutaneous', t('Subcutaneous')],
  ['intramuscular', t('Intramuscular')],
  ['intravenous', t('Intravenous')],
] as const;
type Route = NonNullable<NewMedication['route']>;
const UNITS = [
  ['h', t('hours')],
  ['d', t('days')],
  ['wk', t('weeks')],
  ['mo', t('months')],
] as const;
const AS_NEEDED = [['yes', t('Only as needed')]] as const;

/** What a patient takes: a medication statement, and no prescription. */
export const medicationForm: Form = {
  type: 'MedicationStatement',
  title: t('Record a medicine that is taken'),
  start: { status: 'active', route: '', unit: 'd' },
  fields: () => [
    {
      kind: 'named',
      name: 'drug',
      label: t('Medicine'),
      suggest: 'medication',
      hint: t('What the patient takes, from whomever. This is no prescription.'),
    },
    { kind: 'choice', name: 'status', label: t('State'), options: STATUSES, part: 'half' },
    { kind: 'choice', name: 'route', label: t('Route'), options: ROUTES, part: 'half' },
    { kind: 'number', name: 'dose', label: t('Dose'), longest: LONGEST.number, part: 'half' },
    {
      kind: 'text',
      name: 'doseUnit',
      label: t('Unit of the dose'),
      hint: t('mg, mL, tablet …'),
      longest: 60,
      part: 'half',
    },
    { kind: 'number', name: 'times', label: t('How many times'), longest: LONGEST.number, part: 'third' },
    { kind: 'number', name: 'period', label: t('In every'), hint: t('1 where left empty'), longest: 20, part: 'third' },
    { kind: 'choice', name: 'unit', label: t('Unit of time'), options: UNITS, part: 'third' },
    { kind: 'checks', name: 'asNeeded', label: t('When'), options: AS_NEEDED },
    { kind: 'text', name: 'instruction', label: t('Other instructions'), longest: LONGEST.name },
    { kind: 'date', name: 'since', label: t('Since'), hint: DATE_HINT, longest: LONGEST.date },
    { kind: 'area', name: 'note', label: t('Comment'), longest: LONGEST.comment },
  ],
  draftTitle: ({ drug }) => (drug?.trim() ? t('Medicine: {trim}', { trim: drug.trim() }) : t('Medicine')),
  typedOf: (rejected) => (rejected.kind === 'medication' ? typedIn(rejected.given) : {}),
  elements: {
    ...{ drug: ['medication', 'medicationCodeableConcept'], status: ['status'], dose: ['dosage.doseAndRate'] },
    ...{ route: ['dosage.route'], times: ['dosage.timing'], instruction: ['dosage'], note: ['note'] },
    ...{ asNeeded: ['dosage.asNeeded', 'dosage.asNeededBoolean'], since: ['effective', 'effectivePeriod'] },
  },
  prepare(about, typed, today) {
    const read = readerOf(typed, today);
    const status = read.choice('status', ['active', 'intended', 'on-hold']) ?? 'active';
    const medication: NewMedication = {
      drug: read.named('drug', t('Type which medicine it is.')),
      status,
      dose: doseOf(read),
      route: read.choice<Route>(
        'route',
        ROUTES.flatMap(([value]) => (value === '' ? [] : [value])),
      ),
      frequency: frequencyOf(read),
      asNeeded: typed['asNeeded.yes'] === 'yes',
      instruction: read.text('instruction'),
      since: read.date('since', status === 'intended' ? 'any' : 'past'),
      note: read.text('note'),
    };
    return read.prepared(() => bridge().charting.recordMedication({ ...about, ...medication }));
  },
};

function typedIn({ drug, dose, frequency, ...given }: NewMedication): Typed {
  return {
    ...typedNamed('drug', drug),
    ...{ status: given.status, route: given.route ?? '', instruction: given.instruction ?? '' },
    ...{ dose: dose?.value ?? '', doseUnit: dose?.unit ?? '', unit: frequency?.unit ?? 'd' },
    ...(frequency && { times: String(frequency.times), period: String(frequency.period) }),
    ...(given.asNeeded && { 'asNeeded.yes': 'yes' }),
    ...{ since: typedDay(given.since), note: given.note ?? '' },
  };
}

function doseOf(read: Reader): NewMedication['dose'] {
  const value = read.amount('dose');
  const unit = read.text('doseUnit');
  if (value !== null && unit === null) read.fault('doseUnit', t('Type the unit: a number alone is no dose.'));
  if (unit !== null && read.text('dose') === null) read.fault('dose', t('Type how much, or take the unit away.'));
  return value !== null && unit !== null ? { value, unit } : null;
}

function frequencyOf(read: Reader): NewMedication['frequency'] {
  const times = read.count('times', 48);
  const period = read.count('period', 365);
  if (period !== null && read.text('times') === null) read.fault('times', t('Type how many times.'));
  return times === null
    ? null
    : { times, period: period ?? 1, unit: read.choice('unit', ['h', 'd', 'wk', 'mo']) ?? 'd' };
}
