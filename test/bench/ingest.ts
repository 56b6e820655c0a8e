import { atOnce, largeSet, type Page, pagesOf } from './data.ts';
import { androidFhir } from './peers/android-fhir.ts';
import type { Contender } from './peers/contender.ts';
import { oneTable } from './peers/one-table.ts';
import { pouchdb } from './peers/pouchdb.ts';
import { wardlight } from './peers/wardlight.ts';
import { type BenchResult, median, rounded } from './statistics.ts';

const ROUNDS = 5;

/** Resources a second. */
interface Rate {
  readonly passed: number;
  readonly seconds: number;
  /** A second of processor time of all threads: it counts what threads beside the writer do, and nobody else's work. */
  readonly worked: number;
}

/** How fast one contender takes one share of the pages. */
async function rateOf(contender: Contender, pages: readonly Page[]): Promise<Rate> {
  const count = pages.reduce((sum, { resources }) => sum + resources.length, 0);
  const [begun, before] = [performance.now(), process.cpuUsage()];
  for (const together of atOnce(pages)) await contender.ingest(together);
  const seconds = (performance.now() - begun) / 1e3;
  const { user, system } = process.cpuUsage(before);
  return { passed: count / seconds, seconds, worked: (count * 1e6) / (user + system) };
}

/**
 * The large set into each store, a fifth at a time and in turn, so that all meet the same moments of the machine and
 * the same growth of their files. A ratio is that of one round; the median of the rounds is told, and beside it the ratio
 * of the whole set: it holds what comes in some rounds only, such as emptying the log.
 */
export async function benchIngest(say: (message: string) => void): Promise<BenchResult[]> {
  const { source, resources } = largeSet();
  say(`ingest of ${resources.length} resources (${source})`);
  const pages = pagesOf(resources);
  const contenders = [
    await wardlight(pages),
    oneTable('plain'),
    oneTable('sqlcipher'),
    androidFhir(),
    pouchdb('pouchdb-indexed'),
    pouchdb('pouchdb'),
  ];
  const rates = new Map<string, Rate[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    const share = pages.filter((_, index) => Math.floor((index * ROUNDS) / pages.length) === round);
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const contender = contenders[(round + turn) % contenders.length]!;
      const rate = await rateOf(contender, share);
      rates.get(contender.name)?.push(rate);
      const [passed, worked] = [Math.round(rate.passed), Math.round(rate.worked)];
      say(`  round ${round + 1} ${contender.name}: ${passed} a second, ${worked} a second of processor time`);
    }
  }
  for (const contender of contenders) await contender.close();
  return resultsOf(rates);
}

const targets = [
  ['vs_plain', 'plain', 0.2],
  ['vs_sqlcipher', 'sqlcipher', 0.35],
  ['vs_android_fhir', 'android-fhir', 8],
  // As the others, it can be searched by what has come; `pouchdb` are the documents alone.
  ['vs_pouchdb', 'pouchdb-indexed', 10],
  ['vs_pouchdb_documents', 'pouchdb', null],
] as const;

function resultsOf(rates: ReadonlyMap<string, readonly Rate[]>): BenchResult[] {
  const of = (name: string, by: keyof Rate) => (rates.get(name) ?? []).map((rate) => rate[by]);
  const rate = (name: string) => Math.round(median(of(name, 'passed')));
  const ratio = (peer: string, by: keyof Rate) => {
    const ours = of('wardlight', by);
    return rounded(median(of(peer, by).map((theirs, round) => (ours[round] ?? Number.NaN) / theirs)));
  };
  const whole = (peer: string) => rounded(total(of(peer, 'seconds')) / total(of('wardlight', 'seconds')));
  return targets.map(([name, peer, target]) => ({
    name: `ingest.${name}`,
    value: ratio(peer, 'passed'),
    unit: 'ratio of resources a second',
    better: 'higher',
    target,
    peers: {
      wardlight: rate('wardlight'),
      [peer]: rate(peer),
      'ratio of the whole set': whole(peer),
      'ratio by processor time': ratio(peer, 'worked'),
    },
  }));
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
