import type { Medication } from '../../../preload/contract/chart.ts';
import type { Phrase } from '../../../preload/contract/phrases.ts';
import { phrase } from '../../../preload/contract/placeholders.ts';
import { dateText } from '../dates.ts';
import { bound, codings, conceptText, digits, field, items, maskWord, text, textOrMask } from '../json.ts';
import { oftenWords, plainNumber, type TimeUnit, unitText } from './safe-doses.ts';

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
    within('at-once', amountText(field(instruction, 'maxDosePerAdministration'))),
    within('in-a-lifetime', amountText(field(instruction, 'maxDosePerLifetime'))),
  ];
  const parts = [
    conceptText(field(instruction, 'site')),
    conceptText(field(instruction, 'method')),
    ...boundTexts(field(instruction, 'timing')),
    ...most.map((one) => within('at-most', one)),
    text(instruction, 'patientInstruction'),
    ...items(instruction, 'additionalInstruction').map(conceptText),
    conceptText(field(instruction, 'asNeededCodeableConcept')),
  ];
  return parts.filter((part) => part !== undefined).join(', ') || undefined;
}

function within(code: Phrase, told: string | undefined): string | undefined {
  return told && phrase(code, told);
}

/** How long, how many times and on which days (R4 datatypes.html, Timing): a course that ends isn't for ever. */
function boundTexts(timing: unknown): (string | undefined)[] {
  const repeat = field(timing, 'repeat');
  const start = dateText(field(repeat, 'boundsPeriod', 'start'));
  const end = dateText(field(repeat, 'boundsPeriod', 'end'));
  const [count, most] = [digits(repeat, 'count'), digits(repeat, 'countMax')];
  const times = count && (most === undefined ? count : phrase('to', count, most));
  const events = items(timing, 'event').flatMap((one) => dateText(one) ?? []);
  return [
    within('from', start ?? undefined),
    within('until', end ?? undefined),
    within('for', durationText(field(repeat, 'boundsDuration')) ?? spanText(field(repeat, 'boundsRange'))),
    times && (times === '1' ? phrase('once-only') : phrase('times-in-all', times)),
    events.length === 0 ? undefined : phrase('on-date', events.slice(0, 10).join(', ')),
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
  const speed = rateText(rate);
  const told = amount && speed ? phrase('at-rate', amount, speed) : (amount ?? speed);
  if (told === undefined) return undefined;
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
  if (low && high) return phrase('to', low, high);
  return low ? phrase('at-least', low) : within('up-to', high);
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
  return numerator && denominator ? phrase('per', numerator, denominator) : undefined;
}

/** HL7 v3 GTSAbbreviation. Its codes are read wrongly often enough (QD for QID) to be never shown. */
const abbreviations: ReadonlyMap<string, string> = new Map(
  Object.entries({
    QD: phrase('once-daily'),
    BID: phrase('twice-daily'),
    TID: phrase('three-times-daily'),
    QID: phrase('four-times-daily'),
    QOD: phrase('every-other-day'),
    AM: phrase('morning'),
    PM: phrase('evening'),
    BED: phrase('bedtime'),
    WK: phrase('once-a-week'),
    MO: phrase('once-a-month'),
    Q1H: phrase('every', phrase('hour')),
    ...Object.fromEntries(['2', '3', '4', '6', '8'].map((n) => [`Q${n}H`, phrase('every', phrase('hours', n))])),
  }),
);

/** HL7 v3 TimingEvent and FHIR's own (R4 valueset-event-timing). */
const moments: ReadonlyMap<string, Phrase> = new Map(
  Object.entries<Phrase>({
    MORN: 'morning',
    NOON: 'noon',
    AFT: 'afternoon',
    EVE: 'evening',
    NIGHT: 'night',
    HS: 'bedtime',
    WAKE: 'waking',
    C: 'with-meals',
    CM: 'with-breakfast',
    CD: 'with-lunch',
    CV: 'with-evening-meal',
    AC: 'before-meals',
    ACM: 'before-breakfast',
    ACD: 'before-lunch',
    ACV: 'before-evening-meal',
    PC: 'after-meals',
    PCM: 'after-breakfast',
    PCD: 'after-lunch',
    PCV: 'after-evening-meal',
  }),
);

const periods: ReadonlyMap<string, TimeUnit> = new Map(
  Object.entries<TimeUnit>({ s: 'second', min: 'minute', h: 'hour', d: 'day', wk: 'week', mo: 'month', a: 'year' }),
);

/** A time in a unit of UCUM's, in words; what is in another unit as it is. */
function durationText(quantity: unknown): string | undefined {
  const unit = periods.get(text(quantity, 'code') ?? text(quantity, 'unit') ?? '');
  const value = digits(quantity, 'value');
  if (unit === undefined || value === undefined || text(quantity, 'comparator')) return amountText(quantity);
  return plainNumber(value) === '1' ? `1 ${phrase(unit)}` : phrase(`${unit}s`, plainNumber(value));
}

/** How often: spelt out, or in the words that were coded. */
function timingText(timing: unknown): string | undefined {
  const code = field(timing, 'code');
  const named = conceptText(code);
  const spelt =
    abbreviations.get((named ?? '').toUpperCase()) ?? (named === codings(code)[0]?.code ? speltCode(code) : undefined);
  const coded = spelt ?? named;
  if (coded) return coded;
  const repeat = field(timing, 'repeat');
  const when = items(repeat, 'when').flatMap((one) => (typeof one === 'string' ? momentText(one) : []));
  const times = items(repeat, 'timeOfDay').flatMap((one) =>
    typeof one === 'string' ? phrase('at-time', one.slice(0, 5)) : [],
  );
  const days = items(repeat, 'dayOfWeek').flatMap((one) =>
    typeof one === 'string' ? phrase('on-day', dayText(one)) : [],
  );
  const parts = [oftenText(repeat), ...when, ...times, ...days].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : bound(parts.join(' '));
}

function momentText(code: string): string {
  const moment = moments.get(code);
  return moment === undefined ? code : phrase(moment);
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

function dayText(code: string): string {
  const day = DAYS.find((one) => one === code);
  return day === undefined ? code : phrase(day);
}

function speltCode(concept: unknown): string | undefined {
  return codings(concept).flatMap(({ code }) => abbreviations.get(code) ?? [])[0];
}

function oftenText(repeat: unknown): string | undefined {
  const period = digits(repeat, 'period');
  const unit = periods.get(text(repeat, 'periodUnit') ?? '');
  if (period === undefined || unit === undefined) return undefined;
  const frequency = digits(repeat, 'frequency') ?? '1';
  return oftenWords({
    ...{ frequency, most: digits(repeat, 'frequencyMax') },
    ...{ period: plainNumber(period), longest: digits(repeat, 'periodMax'), unit },
  });
}
