import type { Stated } from '../../../preload/contract/background.ts';
import type { AlertItem, Problem } from '../../../preload/contract/chart.ts';
import { placeholder } from '../../../preload/contract/placeholders.ts';
import { dateText, startOf } from '../dates.ts';
import { statusCode } from '../ingest/buckets.ts';
import { bound, codings, conceptText, encryptedPaths, field, items, text } from '../json.ts';
import { effectiveText, observationView } from './observations.ts';

/*
 * What a banner says beside names and allergies: code status, pregnancy, infection control. Only codes of known systems
 * make a record one of these (docs/architecture.md lists them); every other one stays in its section.
 */

const SNOMED = new Set(['http://snomed.info/sct', 'urn:oid:2.16.840.1.113883.6.96']);
const LOINC = 'http://loinc.org';

/** For and not for resuscitation, for and not for attempted cardiopulmonary resuscitation, and not with documentation. */
const RESUSCITATION = new Set(['304252001', '304253006', '450475007', '450476008', '143021000119109']);
/** Airborne, respiratory, contact and transmission-based precautions; isolation. */
const PRECAUTIONS = new Set(['40174006', '409524006', '409525007', '409529001', '409583003']);
/** MRSA, COVID-19, C. difficile, tuberculosis, influenza, measles, varicella. */
const INFECTIONS = new Set([
  '266096002',
  '840539006',
  '186431008',
  '56717001',
  '6142004',
  '14189004',
  '38907003',
  ...PRECAUTIONS,
]);
/** Of ICD-10-CM: many hospitals keep the order on the list of problems. */
const ICD10_NOT_FOR_RESUSCITATION = /^Z66/;
/**
 * Carrier (Z22), isolation (Z29.0: WHO and GM, and no code of CM), C. difficile (A04.7), COVID-19 (U07.1, and U07.2 where
 * it is diagnosed without the virus: WHO), MRSA (A49.02, B95.62: CM), and resistance: Z16 of CM; U82 to U84 of WHO, where
 * U85 is resistance to antineoplastic drugs; U80, U81, U88 and U89 of WHO before 2013; U80 to U84 of GM.
 */
const ICD10_INFECTIONS = /^(?:Z22|Z29\.?0|A04\.?7|U07\.?[12]|A49\.?02|B95\.?62|Z16|U8[0-489])/;
const ICD10 = /(?:sid\/icd-10|icd-10-gm|2\.16\.840\.1\.113883\.6\.90$|2\.16\.840\.1\.113883\.6\.3$)/;
const LOINC_PREGNANT = 'LA15173-0';
const PREGNANT = new Set(['77386006', '72892002']);
/**
 * Of a pregnancy that goes on: what ended early (O00 to O08), birth and childbed (O60 to O94) are none. High-risk
 * pregnancies are supervised under Z35 in WHO's edition and under O09 in CM; Z33.2 of CM is a termination.
 */
const ICD10_PREGNANT = /^(?:Z33(?!\.?2)|Z3[456]|Z3A|O09|O1[0-6]|O[23]|O4[0-8])/;
/** Among these, what CM says of the birth and of childbed: `O10.02` complicates childbirth, `O14.15` the puerperium. */
const ICD10_DELIVERED = /^O(?:(?:10|24)\.?\d[23]|1[136]\.?[45]|1[24]\.?\d[45]|15\.?[12]|25\.?[23]|26\.?[67][23])/;
const FLAG_CATEGORIES = new Set(['infection', 'infection-control', 'isolation']);

/** Observations whose newest value belongs into the banner, by the key of their trend. */
export const statedObservations: ReadonlyMap<string, Stated['warns']> = new Map([
  // A DNR order is in place; orders about cardiopulmonary resuscitation.
  [`${LOINC}|81351-9`, 'code-status'],
  [`${LOINC}|100822-6`, 'code-status'],
  ['http://snomed.info/sct|304251008', 'code-status'],
  [`${LOINC}|82810-3`, 'pregnancy'],
  [`${LOINC}|11449-6`, 'pregnancy'],
]);
export const PREGNANCY_CODES = [...statedObservations].flatMap(([code, warns]) => (warns === 'pregnancy' ? code : []));

/** A pregnancy is over after so long, however nobody has recorded its end: 42 weeks and some days of grace. */
export const PREGNANCY_DAYS = 300;
const DAY = 86_400_000;

/** What the banner says of a Flag. */
export function flagWarns(resource: unknown): AlertItem['warns'] {
  const code = field(resource, 'code');
  const categories = items(resource, 'category').flatMap((one) => codings(one));
  if (isSnomed(code, RESUSCITATION)) return 'code-status';
  if (isSnomed(code, PRECAUTIONS) || categories.some((one) => FLAG_CATEGORIES.has(one.code))) return 'infection';
  return categories.some((one) => one.code === 'advance-directive') ? 'code-status' : null;
}

/** What the banner says of a Condition that holds. */
export function conditionWarns(resource: unknown, now: number): Problem['warns'] {
  const holds = !['inactive', 'remission', 'resolved'].includes(statusCode(resource, 'clinicalStatus'));
  if (!holds || ['refuted', 'entered-in-error'].includes(statusCode(resource, 'verificationStatus'))) return null;
  const code = field(resource, 'code');
  if (isSnomed(code, RESUSCITATION) || isIcd10(code, ICD10_NOT_FOR_RESUSCITATION)) return 'code-status';
  if (isSnomed(code, INFECTIONS) || isIcd10(code, ICD10_INFECTIONS)) return 'infection';
  const pregnant = isSnomed(code, PREGNANT) || (isIcd10(code, ICD10_PREGNANT) && !isIcd10(code, ICD10_DELIVERED));
  return pregnant && isRecent(conditionDate(resource), now) ? 'pregnancy' : null;
}

function conditionDate(resource: unknown): string | null {
  return (
    dateText(field(resource, 'onsetDateTime')) ??
    dateText(field(resource, 'onsetPeriod', 'start')) ??
    dateText(field(resource, 'recordedDate'))
  );
}

/** What has no date isn't known to be old, and is said with that. */
function isRecent(date: string | null, now: number): boolean {
  const start = startOf(date);
  return start === null || now - start <= PREGNANCY_DAYS * DAY;
}

/** Whether an Observation of the pregnancy codes answers that there is one, recently. */
export function saysPregnant(resource: unknown, now: number): boolean {
  const answers = codings(field(resource, 'valueCodeableConcept'));
  return (
    answers.some(({ code }) => code === LOINC_PREGNANT || PREGNANT.has(code)) && isRecent(effectiveText(resource), now)
  );
}

/** LOINC's answer and SNOMED CT's finding. */
const NOT_PREGNANT = new Set(['LA26683-5', '60001007']);

/**
 * What an Observation says in the banner; null where it says nothing there: a pregnancy that is long over, or that there
 * is none, unless a Condition says that there is one (`contradicted`).
 */
export function observationStated(
  resource: unknown,
  {
    warns,
    contradicted,
    now,
  }: { readonly warns: Stated['warns']; readonly contradicted: boolean; readonly now: number },
): Stated | null {
  const { id, name, value, unit, effective, encrypted } = observationView(resource);
  if (warns === 'pregnancy') {
    const none = codings(field(resource, 'valueCodeableConcept')).some(({ code }) => NOT_PREGNANT.has(code));
    if (!isRecent(effective, now) || (none && !contradicted)) return null;
  }
  const told = unit === null ? `${name}: ${value}` : `${name}: ${value} ${unit}`;
  return { id, type: 'Observation', warns, text: bound(told), date: effective, encrypted };
}

/** An advance directive or a DNR order that is kept as a Consent (R4 consent.html, scope and category); else null. */
export function consentStated(resource: unknown): Stated | null {
  const categories = items(resource, 'category').flatMap((one) => codings(one));
  const scope = codings(field(resource, 'scope'));
  const directive = scope.some(({ code }) => code === 'adr') || categories.some(({ code }) => code === 'dnr');
  if (text(resource, 'status') !== 'active' || !directive) return null;
  const named = items(resource, 'category').flatMap((one) => conceptText(one) ?? []);
  return {
    id: text(resource, 'id') ?? '',
    type: 'Consent',
    warns: 'code-status',
    text: bound(named.join(', ') || placeholder('directive')),
    date: dateText(field(resource, 'dateTime')),
    encrypted: encryptedPaths(resource),
  };
}

function isSnomed(concept: unknown, codes: ReadonlySet<string>): boolean {
  return codings(concept).some(({ system = '', code }) => SNOMED.has(system) && codes.has(code));
}

function isIcd10(concept: unknown, pattern: RegExp): boolean {
  return codings(concept).some(({ system = '', code }) => ICD10.test(system) && pattern.test(code));
}
