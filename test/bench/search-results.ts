import { kinds } from './search-questions.ts';
import { type BenchResult, percentile, rounded } from './statistics.ts';

/** Milliseconds of every search, by store and kind. */
type Times = ReadonlyMap<string, readonly number[]>;

const p50 = (times: Times, name: string) => percentile(times.get(name) ?? [], 0.5);
const p95 = (times: Times, name: string) => percentile(times.get(name) ?? [], 0.95);

/**
 * Each kind's times in the larger set, and how they compare with the other stores' and with the smaller set's; a round
 * has `samples` of each.
 */
export function resultsOf(small: Times, large: Times, samples: number): BenchResult[] {
  const names = Object.keys(kinds);
  return [
    ...names.map((kind) => timesOf(kind, small, large)),
    ...(
      [
        ['', p95, '', 1.5],
        ['_median', p50, '', 1.5],
        // Pages come from the file then, and are decrypted.
        ['_first_median', p50, ' first', null],
      ] as const
    ).flatMap(([suffix, of, first, target]) => {
      const part = (times: Times, store: string) => (kind: string) => of(times, `${store} ${kind}${first}`);
      const [own, bare, before] = [part(large, 'wardlight'), part(large, 'plain'), part(small, 'wardlight')];
      return [
        ratio(`search.vs_plain${suffix}`, target, names, (kind) => own(kind) / bare(kind)),
        ratio(`search.growth_10x${suffix}`, target, names, (kind) => own(kind) / before(kind)),
      ];
    }),
    rangeOfGrowth(names, small, large, samples),
    ratio(
      'search.vs_android_fhir_median',
      null,
      names.filter((kind) => large.has(`android-fhir ${kind}`)),
      (kind) => p50(large, `wardlight ${kind}`) / p50(large, `android-fhir ${kind}`),
    ),
  ];
}

/** The least and the greatest growth of the median that any one round has found: how far one can trust it. */
function rangeOfGrowth(names: readonly string[], small: Times, large: Times, samples: number): BenchResult {
  const rounds = (times: Times, name: string) => {
    const all = times.get(name) ?? [];
    return Array.from({ length: Math.floor(all.length / samples) }, (_, at) =>
      percentile(all.slice(at * samples, (at + 1) * samples), 0.5),
    );
  };
  const peers: Record<string, number> = {};
  let most = 0;
  for (const kind of names) {
    const before = rounds(small, `wardlight ${kind}`);
    const growth = rounds(large, `wardlight ${kind}`).map((time, at) => time / (before[at] ?? Number.NaN));
    most = Math.max(most, ...growth);
    peers[`${kind} least`] = rounded(Math.min(...growth));
    peers[`${kind} most`] = rounded(Math.max(...growth));
  }
  const unit = 'ratio of medians, the worst kind in its worst round';
  return { name: 'search.growth_10x_median_most', value: rounded(most), unit, better: 'lower', target: null, peers };
}

function timesOf(kind: string, small: Times, large: Times): BenchResult {
  const [own, bare, peer] = [`wardlight ${kind}`, `plain ${kind}`, `android-fhir ${kind}`];
  const peers = {
    p50: rounded(p50(large, own), 3),
    'first p95': rounded(p95(large, `${own} first`), 3),
    'first p50': rounded(p50(large, `${own} first`), 3),
    'p95 at a tenth': rounded(p95(small, own), 3),
    'p50 at a tenth': rounded(p50(small, own), 3),
    'plain p95': rounded(p95(large, bare), 3),
    'plain p50': rounded(p50(large, bare), 3),
    ...(large.has(peer)
      ? { 'android-fhir p95': rounded(p95(large, peer), 3), 'android-fhir p50': rounded(p50(large, peer), 3) }
      : {}),
  };
  const value = rounded(p95(large, own), 3);
  return { name: `search.${kind}_p95_ms`, value, unit: 'ms', better: 'lower', target: 25, peers };
}

/** The worst kind's ratio of times, of the 95th percentile or the median; each kind's beside it. */
function ratio(
  name: string,
  target: number | null,
  kindsOf: readonly string[],
  of: (kind: string) => number,
): BenchResult {
  const peers = Object.fromEntries(kindsOf.map((kind) => [kind, rounded(of(kind))]));
  const value = rounded(Math.max(...kindsOf.map(of)));
  return { name, value, unit: 'ratio of times, the worst kind', better: 'lower', target, peers };
}
