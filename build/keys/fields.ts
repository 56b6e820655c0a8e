import { parse, stringify } from 'lossless-json';
import {
  carriedIn,
  contentOf,
  type JsonObject,
  listOf,
  maskedBy,
  placesMasked,
  SEALED,
} from '../../main/documents/fields/elements.ts';
import { RECIPIENTS_MAX, readSealed, type SealedText } from '../../main/documents/fields/jwe.ts';
import { isGenuine, withRecipients, wrappedKeysOf } from '../../main/documents/fields/shares.ts';
import { pseudonymOf } from '../../main/documents/keys/pseudonym.ts';
import type { OrganisationKeys } from './organisation.ts';
import type { Teams } from './team.ts';
import { byToken } from './unwrap.ts';
import { fieldKeys, isSame, wantedOf } from './wanted.ts';

/* Wraps the data keys of a record's sealed fields anew. What is sealed within what is sealed stays as it is. */

interface Around {
  readonly keys: OrganisationKeys;
  readonly teams: Teams;
}

type Anew = string | { readonly code: string };

/** The record with its fields sealed for those who should be able to open them today; all of them or nothing. */
export async function withFieldRecipients(around: Around, text: string): Promise<Anew> {
  const record = parse(text) as JsonObject;
  let changed = false;
  for (const carrier of carriersOf(record)) {
    const before = String(carrier['valueBase64Binary']);
    const sealed = readSealed(Buffer.from(before, 'base64').toString());
    if (!sealed.ok) return { code: 'envelope-invalid' };
    const jwe = await fieldAnew(around, record, sealed.value);
    if (typeof jwe !== 'string') return jwe;
    if (jwe === 'unchanged') continue;
    carrier['valueBase64Binary'] = Buffer.from(jwe).toString('base64');
    changed = true;
  }
  // Lossless: what is not ours goes back to the digit.
  return changed ? (stringify(record) ?? '') : 'unchanged';
}

/** The extensions that hold what is sealed: of masked elements, and of the resource for its narrative. */
function carriersOf(record: JsonObject): JsonObject[] {
  const elements = placesMasked(record, SEALED).flatMap((place) => {
    const content = contentOf(place);
    return maskedBy(content, SEALED) === undefined ? [] : [content.value ?? content.extra];
  });
  return [record, ...elements].flatMap((element) =>
    carriedIn(element, SEALED) === undefined
      ? []
      : (listOf((element as JsonObject)['extension']) as JsonObject[]).filter(({ url }) => url === SEALED).slice(0, 1),
  );
}

async function fieldAnew({ keys, teams }: Around, record: JsonObject, sealed: SealedText): Promise<Anew> {
  const present = wrappedKeysOf(sealed);
  const dataKey = await byToken(keys)({ keys: present });
  if (dataKey === null) return { code: 'not-a-recipient' };
  try {
    if (!isGenuine(sealed, dataKey)) return { code: 'header-not-genuine' };
    const people = peopleOf(keys, record, sealed);
    if (people === null) return { code: 'context-mismatch' };
    const devices = await teams.devices(people.patient, people.authors);
    const wanted = wantedOf([keys.wrapping()[0]!, ...devices], RECIPIENTS_MAX);
    const all = fieldKeys(present, wanted, dataKey);
    return isSame(present, all) ? 'unchanged' : withRecipients(sealed, all);
  } finally {
    dataKey.fill(0);
  }
}

/** Of whom the record is, where the field says so too: the server could have written anybody's name into it. */
function peopleOf(keys: OrganisationKeys, record: JsonObject, { context }: SealedText) {
  const contextKey = keys.contextKey();
  const patient = String((record['subject'] as JsonObject | undefined)?.['reference']);
  if (pseudonymOf(contextKey, 'patient', patient) !== context.patient) return null;
  const authors = (listOf(record['author']) as JsonObject[]).map(({ reference }) => String(reference));
  return { patient, authors: authors.filter((one) => pseudonymOf(contextKey, 'author', one) === context.author) };
}
