import { largeSet } from './data.ts';

/** Identifiers and phone numbers: each copy is somebody else. */
const VALUES = /("value"\s*:\s*"[^"]+)"/g;
const IDS = /("id"\s*:\s*"|"reference"\s*:\s*"[A-Z][A-Za-z]+\/)([A-Za-z0-9\-.]{1,56})"/g;
/** One resource in this many gets a note beside it. */
const NOTE_EVERY = 20;
const NOTE_WORDS = 120;
const FIRST_UPDATE = Date.parse('2025-01-01T00:00:00Z');
const UPDATE_EVERY_MS = 60_000;

/**
 * The large set, with as many copies under ids of their own as make `size` resources or more. Each has a time of update, and one in
 * twenty a note of words that the set uses.
 */
export function searchSet(size: number): { source: string; resources: string[] } {
  const { source, resources } = largeSet();
  const vocabulary = wordsOf(resources);
  const made: string[] = [];
  for (let copy = 0; made.length < size; copy += 1) {
    for (const text of resources) {
      const own = copy === 0 ? text : text.replace(IDS, `$1$2-${copy}"`).replace(VALUES, `$1-${copy}"`);
      made.push(updated(own, made.length));
      if (made.length % NOTE_EVERY === 0) made.push(...note(own, made.length, vocabulary));
    }
  }
  return { source, resources: made };
}

/** The words of displays, the commonest first. */
export function wordsOf(resources: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of resources) {
    for (const [, display = ''] of text.slice(0, 2_000).matchAll(/"display"\s*:\s*"([^"]{1,100})"/g)) {
      for (const word of display.toLowerCase().match(/[a-z]{4,}/g) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([word]) => word);
}

function updated(text: string, number: number): string {
  const time = new Date(FIRST_UPDATE + number * UPDATE_EVERY_MS).toISOString();
  const meta = `"versionId":"1","lastUpdated":"${time}"`;
  if (!text.includes('"meta"')) return text.replace(/^\s*\{/, `{"meta":{${meta}},`);
  return text.replace(/"meta"\s*:\s*\{/, `"meta":{${meta},`);
}

function note(beside: string, number: number, vocabulary: readonly string[]): string[] {
  const patient = /"reference"\s*:\s*"(Patient\/[^"]+)"/.exec(beside)?.[1];
  if (!patient) return [];
  const words = Array.from({ length: NOTE_WORDS }, (_, at) => {
    // The square makes the first words of the vocabulary the commonest.
    const share = ((number * 31 + at * 7_919) % 10_007) / 10_007;
    return vocabulary[Math.floor(share * share * vocabulary.length)] ?? 'note';
  });
  const resource = {
    resourceType: 'DocumentReference',
    id: `note-${number}`,
    status: 'current',
    type: { coding: [{ system: 'http://loinc.org', code: '34109-9', display: 'Note' }] },
    subject: { reference: patient },
    date: new Date(FIRST_UPDATE + number * UPDATE_EVERY_MS).toISOString(),
    content: [{ attachment: { contentType: 'text/plain', data: Buffer.from(words.join(' ')).toString('base64') } }],
  };
  return [updated(JSON.stringify(resource), number)];
}
