import type { FlagFrom, ResultGroup } from '../../../preload/contract/results.ts';
import { bound, field, items } from '../json.ts';
import { judged } from './flags.ts';
import { effectiveText, observationView, valueMask } from './observations.ts';
import { quantityOf } from './quantity.ts';

/** Where the flag of an observation comes from; a reading of several values has that of its parts. */
export function flagFromOf(resource: unknown): FlagFrom {
  const all = [resource, ...items(resource, 'component')].map((one) =>
    judged(one, valueMask(one) ? undefined : quantityOf(field(one, 'valueQuantity'))),
  );
  const { flag } = observationView(resource);
  return all.find((one) => one.flag === flag)?.flagFrom ?? null;
}

/** The difference between a value and the one before; null unless both are plain numbers of one unit. */
export function deltaOf(latest: unknown, before: unknown): ResultGroup['delta'] {
  const [now, then] = [latest, before].map((one) =>
    valueMask(one) ? undefined : quantityOf(field(one, 'valueQuantity')),
  );
  const time = effectiveText(before);
  if (!now || !then || time === null || now.unitKey !== then.unitKey) return null;
  if (now.comparator !== '' || then.comparator !== '') return null;
  const [a, b] = [Number(now.value), Number(then.value)];
  if (!Number.isFinite(a) || !Number.isFinite(b)) return null;
  const decimals = Math.min(10, Math.max(decimalsOf(now.value), decimalsOf(then.value)));
  const size = Math.abs(a - b).toFixed(decimals);
  const sign = Number(size) === 0 ? '±' : a > b ? '+' : '−';
  return { change: bound(`${sign}${size}`), before: bound(then.value), time };
}

function decimalsOf(value: string): number {
  return /\.(\d+)$/.exec(value)?.[1]?.length ?? 0;
}
