import type { PolicyAlarm } from '../../../preload/contract/access.ts';
import { type Bundle, bundleHash, openBundle } from './bundle.ts';
import { defaultBundle } from './defaults.ts';
import { createEngine, type Engine } from './engine.ts';

/** The policies by which everything is decided, where they are from, and what is wrong. */
export interface PoliciesInForce {
  readonly engine: Engine;
  /** `default`: what Wardlight ships; `none`: nothing is permitted to anybody. */
  readonly source: 'default' | 'organisation' | 'last-good' | 'none';
  readonly bundle: { readonly name: string; readonly version: number; readonly hash: string } | null;
  readonly alarm: PolicyAlarm | null;
}

export interface LoadOptions {
  /** Where IT puts its bundle; null where there is none. */
  readonly file: string | null;
  /** Ed25519 public key (PEM) of who signs it. */
  readonly signingKey: string | null;
  /** Where the last good bundle is kept, as it was signed. */
  readonly kept: string;
  /** The text of a file; null where it can't be read. */
  readonly read: (file: string) => Promise<string | null>;
  /** Replaces a file whole and durably. */
  readonly write: (file: string, text: string) => Promise<void>;
}

interface Good {
  readonly bundle: Bundle;
  readonly engine: Engine;
  readonly text: string;
}

const NOBODY: Engine = { decide: () => ({ allowed: false, policies: [], failed: [] }), rolesOf: () => [] };

/**
 * Loads the organisation's bundle, or what Wardlight ships where it has none. One that fails in any way leaves the last
 * good one in force, whose signature is checked like that of a new one; without that nothing is permitted. What Wardlight
 * ships is no way out, since it may be laxer.
 */
export async function loadPolicies(options: LoadOptions): Promise<PoliciesInForce> {
  const { file, signingKey, kept, read, write } = options;
  if (file === null) return inForce(goodOf(defaultBundle, ''), 'default', null);
  const key = signingKey ?? '';
  const [own, last] = [open(await read(file), key), open(await read(kept), key)];
  const before = 'engine' in last ? last : null;
  if (!('engine' in own)) return fallBack(before, own.alarm);
  if (before && isReplay(own.bundle, before.bundle)) return fallBack(before, 'policy-older');
  if (own.text === before?.text) return inForce(own, 'organisation', null);
  const isKept = await write(kept, own.text).then(
    () => true,
    () => false,
  );
  return inForce(own, 'organisation', isKept ? null : 'policy-not-kept');
}

function open(text: string | null, key: string): Good | { alarm: PolicyAlarm } {
  if (text === null) return { alarm: 'policy-missing' };
  const opened = openBundle(text, key);
  return opened.ok ? (goodOf(opened.value, text) ?? { alarm: 'policy-invalid' }) : { alarm: opened.error.code };
}

function goodOf(bundle: Bundle, text: string): Good | null {
  const engine = createEngine(bundle);
  return Array.isArray(engine) ? null : { bundle, engine, text };
}

/** An older version, or other policies under the number of the last ones, though signed once. */
function isReplay(own: Bundle, last: Bundle): boolean {
  if (own.manifest.version !== last.manifest.version) return own.manifest.version < last.manifest.version;
  return bundleHash(own) !== bundleHash(last);
}

function fallBack(last: Good | null, alarm: PolicyAlarm): PoliciesInForce {
  return inForce(last, 'last-good', alarm);
}

function inForce(good: Good | null, source: PoliciesInForce['source'], alarm: PolicyAlarm | null): PoliciesInForce {
  if (!good) return { engine: NOBODY, source: 'none', bundle: null, alarm: alarm ?? 'policy-invalid' };
  const { name, version } = good.bundle.manifest;
  return { engine: good.engine, source, bundle: { name, version, hash: bundleHash(good.bundle) }, alarm };
}
