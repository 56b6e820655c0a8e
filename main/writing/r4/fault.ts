/** One thing by which a resource is no valid R4. Nothing of what was typed is in it. */
export interface Fault {
  /** FHIRPath of the element, `AllergyIntolerance.reaction[0].manifestation`. */
  readonly path: string;
  readonly words: string;
}

/** A fault for a person: the element in words, why, and its path for IT. */
export function faultLine({ path, words }: Fault): string {
  const [, ...names] = path.split('.');
  const place = names.map(inWords).join(', ');
  return `${place === '' ? 'The record' : place}: ${words} (${path})`;
}

/** `reaction[1]` as `Reaction 2`, `onset[x]` as `Onset`. */
function inWords(name: string): string {
  const [bare = '', index] = name.replace('[x]', '').split(/[[\]]/);
  const words = bare.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  const place = index === undefined ? '' : ` ${Number(index) + 1}`;
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${place}`;
}
