/** A small seeded generator (mulberry32): the same seed gives the same patients, byte for byte. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** `count` different items, in the order of the list. */
  some<T>(items: readonly T[], count: number): T[];
  /** Normally distributed. */
  normal(mean: number, deviation: number): number;
  uuid(): string;
}

/** Hashes a text to a seed, so that parts have streams of their own and adding one doesn't change the others. */
function hash(text: string): number {
  let h = 2166136261;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  // A last mix, so that seeds that differ by one character don't start alike.
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export function createRandom(seed: string): Random {
  let state = hash(seed);
  const random: Random = {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    },
    int: (low, high) => low + Math.floor(random.next() * (high - low + 1)),
    chance: (probability) => random.next() < probability,
    pick: (items) => items[Math.floor(random.next() * items.length)]!,
    some(items, count) {
      const left = items.map((_item, i) => i);
      while (left.length > count) left.splice(random.int(0, left.length - 1), 1);
      return left.map((i) => items[i]!);
    },
    // The sum of twelve uniform values is near enough to normal, and exact on every machine.
    normal: (mean, deviation) =>
      mean + deviation * (Array.from({ length: 12 }, random.next).reduce((a, b) => a + b) - 6),
    uuid() {
      const hex = Array.from({ length: 32 }, () => random.int(0, 15).toString(16));
      hex[12] = '4';
      hex[16] = random.pick(['8', '9', 'a', 'b']);
      return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    },
  };
  return random;
}
