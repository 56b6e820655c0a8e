/** The value below which `share` (0 to 1) of the samples lie, by the nearest rank. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

export interface BenchResult {
  name: string;
  value: number;
  unit: string;
  better: 'higher' | 'lower';
  target: number | null;
  peers: Record<string, number>;
}

export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

/** The 95th percentile of times in milliseconds, with their median beside it. */
export function p95Of(
  name: string,
  times: readonly number[],
  target: number | null,
  beside: BenchResult['peers'],
): BenchResult {
  const value = rounded(percentile(times, 0.95), 0);
  return {
    name,
    value,
    unit: 'ms',
    better: 'lower',
    target,
    peers: { 'p50 ms': rounded(median(times), 0), ...beside },
  };
}
