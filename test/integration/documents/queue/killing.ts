import { readdirSync } from 'node:fs';
import { random } from '../../../sim/random.ts';

/** How often a test kills at random bytes, by WARDLIGHT_KILLS. */
export function killsOr(few: number): number {
  return Number(process.env['WARDLIGHT_KILLS'] ?? few);
}

/** Bytes at which to kill, of a seed. */
export function randomBytesOf(length: number, name: string, count: number): number[] {
  const chance = random(Number(process.env['WARDLIGHT_SEED'] ?? 11), name);
  return Array.from({ length: count }, () => chance.below(length));
}

/** As many deaths at once as there are processors to die on. */
export async function dieAtAll<Kill, End>(kills: readonly Kill[], die: (kill: Kill) => Promise<End>): Promise<End[]> {
  const left = [...kills];
  const ends: End[] = [];
  const lane = async () => {
    for (let kill = left.shift(); kill !== undefined; kill = left.shift()) ends.push(await die(kill));
  };
  await Promise.all([lane(), lane()]);
  return ends;
}

/** What lies in a workstation's folder beside its databases. */
export function leftovers(own: string): string[] {
  const names = readdirSync(own, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return names.map(({ name }) => name).filter((name) => !/^(cache|outbox)\.db(-wal|-shm|\.kcv)?$/.test(name));
}
