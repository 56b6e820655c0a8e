import { inWords } from '../../../preload/contract/placeholders.ts';
import { birthWords } from '../birth-words.ts';
import { dateText } from '../dates.ts';
import { fold, searchWords } from '../fold.ts';
import {
  bound,
  codings,
  conceptText,
  field,
  isMasked,
  items,
  maskedMember,
  maskWord,
  text,
  textOrMask,
} from '../json.ts';
import { soundsOf } from '../sounds.ts';

export interface PersonName {
  readonly family: string;
  readonly given: string;
  readonly prefix: string;
}

/** The row of a Patient in the list. */
export interface PatientSummary extends PersonName {
  readonly nameKey: string | null;
  readonly birthDate: string | null;
  /** 'true', 'false' or the date. */
  readonly deceased: string;
  readonly sex: 'male' | 'female' | 'other' | 'unknown';
  readonly mrn: string | null;
  readonly words: ReadonlySet<string>;
  /** What her names sound like. */
  readonly sounds: ReadonlySet<string>;
}

const NAME_MAX = 500;

/** Works out the list's row from a Patient resource. */
export function patientSummary(resource: unknown): PatientSummary {
  const shown = items(resource, 'name')
    .filter((one) => !isNameMasked(one))
    .map(personName);
  const name = chooseName(resource);
  const identifiers = identifiersOf(resource);
  const named = shown.flatMap(({ family, given }) => [family, given]);
  const birthDate = dateText(field(resource, 'birthDate'));
  return {
    ...name,
    nameKey: name.family || name.given ? fold(`${name.family}\t${name.given}`) : null,
    birthDate,
    deceased: deceasedOf(resource),
    sex: sexOf(resource),
    mrn: (identifiers.find(({ mr }) => mr) ?? identifiers[0])?.value ?? null,
    words: searchWords([
      ...named,
      ...identifiers.flatMap(({ value, masked }) => (masked ? [] : value)),
      ...birthWords(birthDate),
    ]),
    sounds: soundsOf(named),
  };
}

interface Identifier {
  readonly label: string;
  /** Or the word for what is masked. */
  readonly value: string;
  readonly mr: boolean;
  readonly masked: boolean;
}

/** Every identifier of a patient that has a value, the medical record number first. */
export function identifiersOf(resource: unknown): readonly Identifier[] {
  const found = items(resource, 'identifier').flatMap((identifier): Identifier[] => {
    const masked = isMasked(identifier) ? identifier : maskedMember(identifier, 'value');
    const value = stored(maskWord(masked)) ?? text(identifier, 'value');
    if (!value) return [];
    const type = field(identifier, 'type');
    const mr = codings(type).some(({ code }) => code === 'MR') && text(identifier, 'use') !== 'old';
    return [{ label: conceptText(type) ?? (mr ? 'MRN' : 'Identifier'), value, mr, masked: masked !== undefined }];
  });
  return [...found.filter(({ mr }) => mr), ...found.filter(({ mr }) => !mr)];
}

const uses = ['official', 'usual', undefined, 'temp', 'nickname', 'anonymous', 'old', 'maiden'];

/** How a person is called now: the official name before others. */
export function chooseName(resource: unknown): PersonName {
  const names = items(resource, 'name');
  const ranked = names
    .map((name) => ({ name: personName(name), rank: uses.indexOf(text(name, 'use')) }))
    .filter(({ name }) => name.family !== '' || name.given !== '')
    .map(({ name, rank }) => ({ name, rank: rank < 0 ? uses.length : rank }));
  ranked.sort((a, b) => a.rank - b.rank);
  return ranked[0]?.name ?? { family: '', given: '', prefix: '' };
}

/** A name of FHIR in its parts; a name that is text only is split at its comma, or kept whole. */
function personName(name: unknown): PersonName {
  const prefix = joined(name, 'prefix');
  const family = stored(maskWord(name) ?? textOrMask(name, 'family')) ?? '';
  const given = joined(name, 'given');
  if (family || given) return { family: bound(family, NAME_MAX), given, prefix };
  const [last, ...rest] = (text(name, 'text') ?? '').split(',');
  return { family: bound((last ?? '').trim(), NAME_MAX), given: bound(rest.join(',').trim(), NAME_MAX), prefix };
}

/** The list is sorted and searched by what is stored, in whatever language it is shown. */
function stored(text: string | undefined): string | undefined {
  return text === undefined ? undefined : inWords(text, STORED);
}

const STORED = { encrypted: 'Encrypted', masked: 'Masked' } as const;

function isNameMasked(name: unknown): boolean {
  return isMasked(name) || maskedMember(name, 'family') !== undefined;
}

function joined(name: unknown, part: string): string {
  const words = items(name, part).filter((word) => typeof word === 'string');
  return bound(words.join(' ').trim(), NAME_MAX);
}

function deceasedOf(resource: unknown): string {
  const date = dateText(field(resource, 'deceasedDateTime'));
  if (date) return date;
  // A date that can't be read still says that the patient has died.
  return String(field(resource, 'deceasedBoolean') === true || field(resource, 'deceasedDateTime') !== undefined);
}

function sexOf(resource: unknown): PatientSummary['sex'] {
  const gender = field(resource, 'gender');
  return gender === 'male' || gender === 'female' || gender === 'other' ? gender : 'unknown';
}
