import { carriedIn, contentOf, isObject, type JsonObject, listOf, maskedBy, placesMasked, SEALED } from './elements.ts';

export interface Carrier {
  /** Of the element that is sealed; `text` for the narrative. */
  readonly path: string;
  /** The extension, whose `valueBase64Binary` is the JWE. */
  readonly extension: JsonObject;
}

/** The extensions of a record that hold what is sealed: of masked elements, and of the resource for its narrative. */
export function carriersOf(record: JsonObject): Carrier[] {
  const elements = placesMasked(record, SEALED).flatMap((place) => {
    const content = contentOf(place);
    const isSealed = maskedBy(content, SEALED) !== undefined;
    return isSealed ? [{ path: place.path, element: content.value ?? content.extra }] : [];
  });
  return [{ path: 'text', element: record as unknown }, ...elements].flatMap(({ path, element }) => {
    if (carriedIn(element, SEALED) === undefined) return [];
    const extension = listOf((element as JsonObject)['extension'])
      .filter(isObject)
      .find(({ url }) => url === SEALED);
    return extension ? [{ path, extension }] : [];
  });
}

export function jweIn({ extension }: Carrier): string {
  return Buffer.from(String(extension['valueBase64Binary']), 'base64').toString();
}
