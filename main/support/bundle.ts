import { gzipSync } from 'node:zlib';
import type { Result } from '../../preload/contract/channel.ts';
import type { BundlePart, GatheredBundle } from '../../preload/contract/support.ts';

export interface BundlesOptions {
  /** What each part says now. */
  readonly gather: () => Promise<Readonly<Record<BundlePart, unknown>>>;
  /** Asks where it is to be saved, under a proposed name; null where the person has changed her mind. */
  readonly askWhere: (name: string) => Promise<string | null>;
  readonly write: (file: string, bytes: Uint8Array) => Promise<void>;
  /** What a failure of the file system means; null where it is another one. */
  readonly diskErrorOf: (error: unknown) => 'disk-full' | 'store-failed' | null;
  readonly onSaved: (parts: number) => void;
  readonly newId: () => string;
  readonly now: () => number;
}

type SaveError = 'bundle-gone' | 'disk-full' | 'store-failed';

/** Support bundles: put together, read by a person, and saved as she has read it. */
export interface Bundles {
  gather(): Promise<GatheredBundle>;
  save(request: { id: string; parts: readonly BundlePart[] }): Promise<Result<{ saved: boolean }, SaveError>>;
}

export function createBundles(options: BundlesOptions): Bundles {
  const { gather, askWhere, write, diskErrorOf, onSaved, newId, now } = options;
  let latest: (GatheredBundle & { readonly madeAt: number }) | null = null;
  return {
    async gather() {
      const parts = Object.entries(await gather()) as [BundlePart, unknown][];
      latest = { id: newId(), madeAt: now(), parts: parts.map(([name, value]) => ({ name, text: textOf(value) })) };
      return { id: latest.id, parts: latest.parts };
    },
    async save({ id, parts }) {
      if (latest?.id !== id) return { ok: false, error: { code: 'bundle-gone' } };
      const { madeAt } = latest;
      const chosen = latest.parts.filter(({ name }) => parts.includes(name));
      const file = await askWhere(`wardlight-support-${stamp(madeAt)}.json.gz`);
      if (file === null) return { ok: true, value: { saved: false } };
      try {
        await write(file, gzipSync(bundleText(chosen, madeAt)));
      } catch (error) {
        return { ok: false, error: { code: diskErrorOf(error) ?? 'store-failed' } };
      }
      onSaved(chosen.length);
      return { ok: true, value: { saved: true } };
    },
  };
}

/** `20261126-0310`, UTC. */
function stamp(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replaceAll(/[-:]/g, '').replace('T', '-');
}

/** One JSON value, made of the very texts that were shown. `madeAt` in milliseconds. */
export function bundleText(parts: GatheredBundle['parts'], madeAt: number): string {
  const time = new Date(madeAt).toISOString();
  const body = parts.map(({ name, text }) => `${JSON.stringify(name)}: ${text}`).join(',\n');
  return `{"format": "wardlight-support", "version": 1, "time": "${time}", "parts": {\n${body}\n}}\n`;
}

/** For a person to read: of a list, one entry a line. */
export function textOf(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return JSON.stringify(value, null, 2);
  return `[\n${value.map((one) => `  ${JSON.stringify(one)}`).join(',\n')}\n]`;
}
