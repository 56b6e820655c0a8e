import { atOnce, type Page, pagesOf } from './data.ts';
import { searchSet } from './search-data.ts';
import { kinds, type Question } from './search-questions.ts';
import { resultsOf } from './search-results.ts';
import { android, encrypted, plain, type Store, settle } from './search-stores.ts';
import { type Values, valuesOf } from './search-values.ts';
import { type BenchResult, rounded } from './statistics.ts';

/** Resources of the larger size; the smaller is a tenth. */
const SIZE = 300_000;
const SAMPLES = 40;
const ROUNDS = 5;
/** The peer takes long for some: it is asked one question of so many. */
const PEER_EVERY = 4;
/** Questions of a kind from which those are taken that fill a page. */
const CANDIDATES = 400;

/** Searches at two sizes, against the peer's index layout and against our own schema without encryption. */
export async function benchSearch(say: (message: string) => void, size = SIZE): Promise<BenchResult[]> {
  const { source, resources } = searchSet(size);
  const pages = firstPages(pagesOf(resources), size);
  const tenth = firstPages(pages, size / 10);
  const values = valuesOf(tenth);
  const sizes: Size[] = [];
  for (const some of [tenth, pages]) {
    say(`search in ${some.reduce((sum, page) => sum + page.resources.length, 0)} resources (${source})`);
    sizes.push({ stores: await filled(some, say), times: new Map() });
  }
  const [small, large] = sizes as [Size, Size];
  measure(sizes, questionsFor(small.stores[0] as Store, values));
  for (const { stores } of sizes) for (const store of stores) await store.close();
  return resultsOf(small.times, large.times, SAMPLES);
}

/** The stores of one size, and the milliseconds of every search by store and kind. */
interface Size {
  readonly stores: readonly Store[];
  readonly times: Map<string, number[]>;
}

/** All pages of the first groups of patients, up to about a size. */
function firstPages(pages: readonly Page[], size: number): Page[] {
  let count = 0;
  let last = '';
  return pages.filter(({ patients, resources }) => {
    const group = patients[0] ?? '';
    if (count >= size && group !== last) return false;
    count += resources.length;
    last = group;
    return true;
  });
}

async function filled(pages: readonly Page[], say: (message: string) => void): Promise<Store[]> {
  const stores = [encrypted(), plain(), android()];
  for (const store of stores) {
    const begun = performance.now();
    for (const together of atOnce(pages)) await store.ingest(together);
    settle(store.db);
    say(`  ${store.name} took ${rounded((performance.now() - begun) / 1_000, 1)} s to ingest`);
  }
  return stores;
}

/**
 * The questions of each kind that find as much as any of the kind at the smaller size: a full page, or the one record of
 * an identifier. Both sizes then answer alike.
 */
function questionsFor(store: Store, values: Values): Map<string, Question[]> {
  return new Map(
    Object.entries(kinds).map(([kind, make]) => {
      const asked = Array.from({ length: CANDIDATES }, (_, at) => make(values, at)).map((question) => ({
        question,
        found: store.ask(question),
      }));
      const most = Math.max(...asked.map(({ found }) => found));
      return [kind, asked.filter(({ found }) => found === most).map(({ question }) => question)] as const;
    }),
  );
}

/**
 * Times every search. Stores of both sizes take turns at each, forwards and backwards: measured one size after the other,
 * they differed by what else the machine did meanwhile. The peer is asked after them: whoever is asked next finds little
 * of what it needs in the processor's cache. All questions are asked once of stores that have no page in memory
 * ("first"), which brings in what each can keep, and then once more.
 */
function measure(sizes: readonly Size[], questions: ReadonlyMap<string, readonly Question[]>): void {
  const all = sizes.flatMap(({ stores, times }) => stores.map((store) => ({ store, times })));
  const [peers, own] = [all.filter(isPeer), all.filter((one) => !isPeer(one))];
  for (const { store } of all) store.forget();
  for (let round = 0; round < 2 * ROUNDS; round += 1) {
    const suffix = round < ROUNDS ? ' first' : '';
    for (const [kind, list] of questions) {
      const asked = Array.from({ length: SAMPLES }, (_, at) => list[((round % ROUNDS) * SAMPLES + at) % list.length]);
      const timed = (question: Question | undefined, one: Asked | undefined) => {
        if (question && one) time(one, question, `${one.store.name} ${kind}${suffix}`);
      };
      for (const [at, question] of asked.entries()) {
        const step = at % 2 === 0 ? 1 : own.length - 1;
        for (let turn = 0; turn < own.length; turn += 1) timed(question, own[(at + turn * step) % own.length]);
      }
      for (const question of asked.filter((one, at) => one?.peer && at % PEER_EVERY === 0)) {
        for (const peer of peers) timed(question, peer);
      }
    }
  }
}

interface Asked {
  readonly store: Store;
  readonly times: Map<string, number[]>;
}

function isPeer({ store }: Asked): boolean {
  return store.name === 'android-fhir';
}

function time({ store, times }: Asked, question: Question, name: string): void {
  const begun = performance.now();
  store.ask(question);
  const spent = performance.now() - begun;
  times.set(name, [...(times.get(name) ?? []), spent]);
}
