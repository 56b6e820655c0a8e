import type { Medication } from '../../../preload/contract/chart.ts';
import { dateText } from '../dates.ts';
import { bound, codings, conceptText, digits, field, items, maskWord, text, textOrMask } from '../json.ts';
import { plainNumber, unitText } from './safe-doses.ts';

type Dose = Medication['doses'][number];

const DOSES_MAX = 10;

export interface Dosage {
  readonly dosage: string;
  readonly doses: Dose[];
  readonly written: boolean;
}

/** How a medicine is taken. The resource was read by `parseExact`. */
export function dosageOf(instructions: readonly unknown[]): Dosage {
  const told = instructions.map((one) => ({ own: writtenText(one), dose: doseView(one), rest: restText(one) }));
  const texts = told.flatMap(({ own, dose, rest }) => own ?? composed(dose, rest) ?? []);
  const coded = told.map(({ dose }) => dose).filter(({ dose, route, frequency }) => dose ?? route ?? frequency);
  return {
    dosage: bound(texts.join('; ')),
    // Of a part of them alone the line would read as if it were all.
    doses: coded.length === told.length && coded.length <= DOSES_MAX ? coded : [],
    written: told.some(({ own, rest }) => own !== undefined || rest !== undefined),
  };
}

function writtenText(instruction: unknown): string | undefined {
  return maskWord(instruction) ?? textOrMask(instruction, 'text');
}

function composed({ dose, route, frequency }: Dose, rest: string | undefined): string | undefined {
  return [dose, route, frequency, rest].filter((part) => part !== null && part !== undefined).join(', ') || undefined;
}

/** What bounds a dose or says when it is given, and has no part of its own in a line. */
function restText(instruction: unknown): string | undefined {
  const most = [
    ratioText(field(instruction, 'maxDosePerPeriod')),
    withWord(amountText(field(instruction, 'maxDosePerAdministration')), '', 'at once'),
    withWord(amountText(field(instruction, 'maxDosePerLifetime')), '', 'in a lifetime'),
  ];
  const parts = [
    conceptText(field(instruction, 'site')),
    conceptText(field(instruction, 'method')),
    ...boundTexts(field(instruction, 'timing')),
    ...most.map((one) => withWord(one, 'at most')),
    text(instruction, 'patientInstruction'),
    ...items(instruction, 'additionalInstruction').map(conceptText),
    conceptText(field(instruction, 'asNeededCodeableConcept')),
  ];
  return parts.filter((part) => part !== undefined).join(', ') || undefined;
}

function withWord(told: string | undefined, before: string, after = ''): string | undefined {
  return told && `${before} ${told} ${after}`.trim();
}

/** How long, how many times and on which days (R4 datatypes.html, Timing): a course that ends isn't for ever. */
function boundTexts(timing: unknown): (string | undefined)[] {
  const repeat = field(timing, 'repeat');
  const start = dateText(field(repeat, 'boundsPeriod', 'start'));
  const end = dateText(field(repeat, 'boundsPeriod', 'end'));
  const [count, most] = [digits(repeat, 'count'), digits(repeat, 'countMax')];
  const times = count && (most === undefined ? count : `${count} to ${most}`);
  const events = items(timing, 'event').flatMap((one) => dateText(one) ?? []);
  return [
    withWord(start ?? undefined, 'from'),
    withWord(end ?? undefined, 'until'),
    withWord(amountText(field(repeat, 'boundsDuration')) ?? spanText(field(repeat, 'boundsRange')), 'for'),
    times && (times === '1' ? 'once only' : `${times} times in all`),
    events.length === 0 ? undefined : `at ${events.slice(0, 10).join(', ')}`,
  ];
}

function doseView(instruction: unknown): Dose {
  const rates = items(instruction, 'doseAndRate');
  const told = rates.flatMap((one) => doseText(one, rates.length > 1) ?? []).join('; ');
  return {
    dose: told === '' ? null : bound(told),
    route: conceptText(field(instruction, 'route')) ?? null,
    frequency: timingText(field(instruction, 'timing')) ?? null,
  };
}

/** One of several is of a kind, such as calculated or ordered, without which it would read as one more dose. */
function doseText(rate: unknown, isOneOfSeveral: boolean): string | undefined {
  const amount = amountText(field(rate, 'doseQuantity')) ?? spanText(field(rate, 'doseRange'));
  const told = [amount, rateText(rate)].filter((part) => part !== undefined).join(' at ');
  if (told === '') return undefined;
  const kind = isOneOfSeveral ? conceptText(field(rate, 'type')) : undefined;
  return kind === undefined ? told : `${kind}: ${told}`;
}

/** An amount as it can't be misread. */
function amountText(quantity: unknown): string | undefined {
  const value = digits(quantity, 'value');
  if (value === undefined) return undefined;
  const comparator = ['<', '<=', '>=', '>'].find((one) => one === text(quantity, 'comparator')) ?? '';
  const number = plainNumber(value);
  const unit = unitText(text(quantity, 'unit') ?? text(quantity, 'code'), number);
  return unit === undefined ? `${comparator}${number}` : `${comparator}${number} ${unit}`;
}

function spanText(range: unknown): string | undefined {
  const [low, high] = [amountText(field(range, 'low')), amountText(field(range, 'high'))];
  if (low && high) return `${low} to ${high}`;
  if (low) return `at least ${low}`;
  return high && `up to ${high}`;
}

function rateText(rates: unknown): string | undefined {
  return (
    ratioText(field(rates, 'rateRatio')) ??
    amountText(field(rates, 'rateQuantity')) ??
    spanText(field(rates, 'rateRange'))
  );
}

function ratioText(ratio: unknown): string | undefined {
  const [numerator, denominator] = ['numerator', 'denominator'].map((part) => amountText(field(ratio, part)));
  return numerator && denominator ? `${numerator} per ${denominator}` : undefined;
}

/** HL7 v3 GTSAbbreviation. Its codes are read wrongly often enough (QD for QID) to be never shown. */
const abbreviations: ReadonlyMap<string, string> = new Map(
  Object.entries({
    QD: 'once daily',
    BID: 'twice daily',
    TID: 'three times daily',
    QID: 'four times daily',
    QOD: 'every other day',
    AM: 'in the morning',
    PM: 'in the evening',
    BED: 'at bedtime',
    WK: 'once a week',
    MO: 'once a month',
    Q1H: 'every hour',
    Q2H: 'every 2 hours',
    Q3H: 'every 3 hours',
    Q4H: 'every 4 hours',
    Q6H: 'every 6 hours',
    Q8H: 'every 8 hours',
  }),
);

/** HL7 v3 TimingEvent and FHIR's own (R4 valueset-event-timing). */
const moments: ReadonlyMap<string, string> = new Map(
  Object.entries({
    MORN: 'in the morning',
    NOON: 'at noon',
    AFT: 'in the afternoon',
    EVE: 'in the evening',
    NIGHT: 'at night',
    HS: 'at bedtime',
    WAKE: 'on waking',
    C: 'with meals',
    CM: 'with breakfast',
    CD: 'with lunch',
    CV: 'with the evening meal',
    AC: 'before meals',
    ACM: 'before breakfast',
    ACD: 'before lunch',
    ACV: 'before the evening meal',
    PC: 'after meals',
    PCM: 'after breakfast',
    PCD: 'after lunch',
    PCV: 'after the evening meal',
  }),
);

const periods: ReadonlyMap<string, string> = new Map(
  Object.entries({ s: 'second', min: 'minute', h: 'hour', d: 'day', wk: 'week', mo: 'month', a: 'year' }),
);

/** How often: spelt out, or in the words that were coded. */
function timingText(timing: unknown): string | undefined {
  const code = field(timing, 'code');
  const named = conceptText(code);
  const spelt =
    abbreviations.get((named ?? '').toUpperCase()) ?? (named === codings(code)[0]?.code ? speltCode(code) : undefined);
  const coded = spelt ?? named;
  if (coded) return coded;
  const repeat = field(timing, 'repeat');
  const when = items(repeat, 'when').flatMap((one) => (typeof one === 'string' ? (moments.get(one) ?? one) : []));
  const times = items(repeat, 'timeOfDay').flatMap((one) => (typeof one === 'string' ? `at ${one.slice(0, 5)}` : []));
  const days = items(repeat, 'dayOfWeek').flatMap((one) => (typeof one === 'string' ? `on ${one}` : []));
  const parts = [oftenText(repeat), ...when, ...times, ...days].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : bound(parts.join(' '), 500);
}

function speltCode(concept: unknown): string | undefined {
  return codings(concept).flatMap(({ code }) => abbreviations.get(code) ?? [])[0];
}

const daily = ['once daily', 'twice daily', 'three times daily', 'four times daily'] as const;

function oftenText(repeat: unknown): string | undefined {
  const period = digits(repeat, 'period');
  const unit = periods.get(text(repeat, 'periodUnit') ?? '');
  if (period === undefined || unit === undefined) return undefined;
  const frequency = digits(repeat, 'frequency') ?? '1';
  const most = digits(repeat, 'frequencyMax');
  const longest = digits(repeat, 'periodMax');
  const span = longest === undefined ? plainNumber(period) : `${plainNumber(period)} to ${plainNumber(longest)}`;
  const every = span === '1' ? unit : `${span} ${unit}s`;
  if (most !== undefined) return `${frequency} to ${most} times every ${every}`;
  if (Number(frequency) === 1) return every === 'day' ? 'once daily' : `every ${every}`;
  const known = every === 'day' ? daily[Number(frequency) - 1] : undefined;
  return known ?? `${frequency} times every ${every}`;
}
