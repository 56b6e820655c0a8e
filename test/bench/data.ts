import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CONCURRENCY_MAX } from '../../main/sync/pace.ts';
import { PAGE } from '../../main/sync/plan.ts';
import { generate } from '../server/data/generate/generate.ts';
import { readItems } from '../server/data/read-files.ts';
import { devUsers } from '../server/users.ts';

const LARGE = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'large', 'synthea2019-smart');
/** Patients of the generator that make a set of about the same size. */
const GENERATED_PATIENTS = 1_000;
const PATIENTS_PER_PAGE = 25;

/** The benchmarks' large set, as JSON texts: some 190,000 synthetic resources. */
export function largeSet(): { source: string; resources: string[] } {
  if (existsSync(LARGE)) {
    return { source: 'synthea2019-smart', resources: readItems(LARGE).map(({ text }) => decodedAlone(text)) };
  }
  const options = { patients: GENERATED_PATIENTS, seed: 1, now: new Date('2026-01-01T00:00:00Z'), users: devUsers };
  return { source: 'generator', resources: generate(options).map((resource) => JSON.stringify(resource)) };
}

/**
 * A text as it is where its bytes came on their own, such as a line of an export: of a file that has one letter beyond
 * Latin-1, each part has two bytes a letter otherwise.
 */
function decodedAlone(text: string): string {
  return Buffer.from(text).toString();
}

export interface Page {
  readonly type: string;
  readonly patients: readonly string[];
  readonly resources: readonly string[];
}

/** The set in the pages in which a sync brings it: one type of 25 patients, up to a thousand resources. */
export function pagesOf(resources: readonly string[]): Page[] {
  const patients = resources.filter((text) => typeOf(text) === 'Patient').map(idOf);
  const groupOf = new Map(patients.map((id, index) => [id, Math.floor(index / PATIENTS_PER_PAGE)]));
  const groups = new Map<string, { type: string; patients: string[]; resources: string[] }>();
  for (const text of resources) {
    const type = typeOf(text);
    const owner = type === 'Patient' ? idOf(text) : /"reference":\s*"Patient\/([^"]+)"/.exec(text)?.[1];
    const group = owner === undefined ? undefined : groupOf.get(owner);
    const key = `${String(group ?? 'shared').padStart(6, '0')} ${type}`;
    const members = patients.slice((group ?? 0) * PATIENTS_PER_PAGE, ((group ?? 0) + 1) * PATIENTS_PER_PAGE);
    const found = groups.get(key) ?? { type, patients: group === undefined ? [] : members, resources: [] };
    found.resources.push(text);
    groups.set(key, found);
  }
  const inOrder = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  return inOrder.flatMap(({ resources: all, ...group }) => {
    const pages: Page[] = [];
    for (let at = 0; at < all.length; at += PAGE) pages.push({ ...group, resources: all.slice(at, at + PAGE) });
    return pages;
  });
}

/** Pages as they come at the same time: as many as a sync asks a fast server for at once (main/sync/pace.ts). */
export function atOnce(pages: readonly Page[]): (readonly Page[])[] {
  const together = Array.from({ length: Math.ceil(pages.length / CONCURRENCY_MAX) }, (_, at) => at * CONCURRENCY_MAX);
  return together.map((first) => pages.slice(first, first + CONCURRENCY_MAX));
}

function typeOf(text: string): string {
  return /"resourceType":\s*"([A-Za-z]+)"/.exec(text)?.[1] ?? '';
}

function idOf(text: string): string {
  return (JSON.parse(text) as { id: string }).id;
}
