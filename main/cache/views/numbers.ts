import { VOID_NUMBER } from '../../../preload/contract/extensions.ts';
import { bound, field, items, text } from '../json.ts';

/** Numbers that a record had at first: labels with them are void. Of the record alone, as nobody may find it by them. */
export function voidNumbers(resource: unknown): string[] {
  return items(resource, 'identifier')
    .flatMap((one) => items(one, 'extension'))
    .flatMap((one) => (text(one, 'url') === VOID_NUMBER ? (text(one, 'valueString') ?? []) : []))
    .slice(0, VOID_MAX)
    .map((number) => bound(number));
}

const VOID_MAX = 10;

/** The number by which a record goes (R4 datatypes.html#Identifier): its official one; undefined where it has none. */
export function officialNumber(resource: unknown): string | undefined {
  return text(
    items(resource, 'identifier').find((one) => text(field(one), 'use') === 'official'),
    'value',
  );
}
