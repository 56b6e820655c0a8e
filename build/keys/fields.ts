import { parse, stringify } from 'lossless-json';
import { carriersOf, jweIn } from '../../main/documents/fields/carriers.ts';
import { isObject, type JsonObject } from '../../main/documents/fields/elements.ts';
import { RECIPIENTS_MAX, readSealed, type SealedText } from '../../main/documents/fields/jwe.ts';
import { isGenuine, withRecipients, wrappedKeysOf } from '../../main/documents/fields/shares.ts';
import { subjectsOf } from '../../main/documents/fields/whole.ts';
import { pseudonymOf } from '../../main/documents/keys/pseudonym.ts';
import type { Anew } from './bulk.ts';
import type { OrganisationKeys } from './organisation.ts';
import type { Teams } from './team.ts';
import { byToken } from './unwrap.ts';
import { fieldKeys, isSame, wantedOf } from './wanted.ts';

/* Wraps the data keys of a record's sealed fields anew. What is sealed within what is sealed stays as it is. */

interface Around {
  readonly keys: OrganisationKeys;
  readonly teams: Teams;
}

/** The record with its fields sealed for those who should be able to open them today; all of them or nothing. */
export async function withFieldRecipients(around: Around, text: string): Promise<Anew> {
  const record = parse(text) as JsonObject;
  let changed = false;
  for (const carrier of carriersOf(record)) {
    const sealed = readSealed(jweIn(carrier));
    if (!sealed.ok) return { code: 'envelope-invalid' };
    const jwe = await fieldAnew(around, record, sealed.value);
    if (typeof jwe !== 'string') return jwe;
    if (jwe === 'unchanged') continue;
    carrier.extension['valueBase64Binary'] = Buffer.from(jwe).toString('base64');
    changed = true;
  }
  // Lossless: what is not ours goes back to the digit.
  return changed ? (stringify(record) ?? '') : 'unchanged';
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
  const patient = subjectsOf(record).find((one) => pseudonymOf(contextKey, 'patient', one) === context.patient);
  if (patient === undefined) return null;
  const people = [...practitionersIn(record)];
  return { patient, authors: people.filter((one) => pseudonymOf(contextKey, 'author', one) === context.author) };
}

function referenceOf(value: unknown): string | undefined {
  const reference = isObject(value) ? value['reference'] : undefined;
  return typeof reference === 'string' ? reference : undefined;
}

/** Who is named in a record as one who had to do with it: each type has other elements for that. */
function practitionersIn(value: unknown, depth = 0, found = new Set<string>()): Set<string> {
  if (depth > 10 || typeof value !== 'object' || value === null) return found;
  const reference = referenceOf(value);
  if (reference?.startsWith('Practitioner/')) found.add(reference);
  for (const inner of Object.values(value)) practitionersIn(inner, depth + 1, found);
  return found;
}
