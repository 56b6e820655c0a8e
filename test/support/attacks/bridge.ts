import { join } from 'node:path';
import type { Page } from 'playwright';
import { build } from 'vite';
import { expect } from 'vitest';
import { PASSPHRASE } from '../journey.ts';
import type { AttackKind, AttackOptions, AttackReport, BridgeAttack } from './in-page.ts';

const ENTRY = join(import.meta.dirname, 'in-page.ts');
/** Longest that the page may take to be loaded anew and to stand where it did. */
const SETTLE_MS = 60_000;

declare global {
  var bridgeAttack: BridgeAttack | undefined;
}

/** The script that attacks the bridge from within the page. */
export async function bundleAttack(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, target: 'esnext', lib: { entry: ENTRY, formats: ['iife'], name: 'attack' } },
  });
  const [{ output } = { output: [] }] = Array.isArray(built) ? built : 'output' in built ? [built] : [];
  const [chunk] = output;
  if (chunk?.type !== 'chunk') throw new Error('no bundle of the attack');
  return chunk.code;
}

export interface BridgeAttackOptions extends Omit<AttackOptions, 'known'> {
  /** Of `bundleAttack`. */
  readonly script: string;
}

/** Which calls were wrong, and how; which were cut short, as the page was loaded anew by each; how often each code came. */
export interface BridgeReport {
  readonly faults: readonly string[];
  readonly calls: number;
  readonly cutShort: readonly string[];
  readonly outcomes: Readonly<Record<string, number>>;
}

/** Calls every function of the contract with whatever there is, one after the other. */
export async function attackBridge(page: Page, options: BridgeAttackOptions): Promise<BridgeReport> {
  const { script, phase } = options;
  await bringTo(page, phase);
  await putIn(page, script);
  const names = await page.evaluate(() => globalThis.bridgeAttack?.names ?? []);
  const known = phase === 'unlocked' ? await idsOf(page) : [];
  const faults: string[] = [];
  const cutShort: string[] = [];
  const outcomes: Record<string, number> = {};
  for (const name of names) {
    for (const kind of ['anything', 'fitting'] as const) {
      const report = await attackOne(page, name, kind, { ...options, known });
      if (!report) cutShort.push(`${name}: ${kind}`);
      if (report?.fault) faults.push(`${name} ${report.fault}`);
      for (const [code, count] of Object.entries(report?.outcomes ?? {}))
        outcomes[code] = (outcomes[code] ?? 0) + count;
    }
  }
  await bringTo(page, phase);
  return { faults, cutShort, outcomes, calls: names.length };
}

/** Null where the page was loaded anew meanwhile, also the second time: what is called does that. */
async function attackOne(
  page: Page,
  name: string,
  kind: AttackKind,
  { script, ...options }: BridgeAttackOptions & AttackOptions,
): Promise<AttackReport | null> {
  const attack = () =>
    page
      .evaluate(([what, how, given]) => globalThis.bridgeAttack?.attack(what, how, given) ?? null, [
        name,
        kind,
        options,
      ] as const)
      .catch(ifLoadedAnew);
  const report = await attack();
  if (report) return report;
  // What was called before has led it elsewhere, or this has.
  await bringTo(page, options.phase);
  await putIn(page, script);
  return attack();
}

function ifLoadedAnew(error: unknown): null {
  if (
    !/Execution context was destroyed|Cannot find context|Inspected target navigated|because of a navigation/.test(
      String(error),
    )
  )
    throw error;
  return null;
}

/** By the debugger, for which the page's policy doesn't hold. */
async function putIn(page: Page, script: string): Promise<void> {
  const isThere = await page.evaluate(() => globalThis.bridgeAttack !== undefined).catch(ifLoadedAnew);
  if (isThere) return;
  const session = await page.context().newCDPSession(page);
  const done = await session.send('Runtime.evaluate', { expression: script }).catch(ifLoadedAnew);
  await session.detach().catch(() => undefined);
  const { exceptionDetails } = done ?? {};
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
}

/** Brings the program back to where it is attacked, by the bridge alone, whatever an attack has led it to. */
export async function bringTo(page: Page, phase: 'locked' | 'unlocked'): Promise<void> {
  const isThere = () => page.evaluate(goTowards, { phase, passphrase: PASSPHRASE }).catch(ifLoadedAnew);
  await expect.poll(isThere, { timeout: SETTLE_MS, message: `the program comes back to ${phase}` }).toBe(true);
}

/** One step from wherever it is; true once it is there. */
async function goTowards({
  phase,
  passphrase,
}: {
  phase: 'locked' | 'unlocked';
  passphrase: string;
}): Promise<boolean> {
  // Between two pages there is an empty one, which has no bridge.
  const { session } = (window.wardlight as typeof window.wardlight | undefined) ?? {};
  if (!session) return false;
  const state = await session.state({});
  if (!state.ok) return false;
  const now = state.value.phase;
  if (now === phase) return true;
  if (now === 'unlocked') await session.lock({});
  else if (now === 'locked') {
    const attempts = await session.attempts({});
    if (attempts.ok && attempts.value.waitMs > 0) await new Promise((done) => setTimeout(done, attempts.value.waitMs));
    await session.unlock({ passphrase });
  } else if (state.value.phase === 'choosing') await session.choose({ id: state.value.profiles[0]?.id ?? '' });
  else if (now === 'signing-in' || now === 'enrolling') await session.cancelSignIn({});
  else await session.retryKeyring({});
  return false;
}

const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const KNOWN_MAX = 60;

/** Ids of patients and of what is in the chart of the first. */
async function idsOf(page: Page): Promise<string[]> {
  const found = await page.evaluate(async () => {
    const { patients, chart, timeline } = window.wardlight;
    const list = { query: '', sort: 'name', descending: false, offset: 0, limit: 3 } as const;
    const rows = await patients.list(list);
    if (!rows.ok) return [];
    const [patientId = ''] = rows.value.items.map(({ id }) => id);
    const filter = { kinds: [], text: '', from: null, to: null, withdrawn: true };
    const answers = [await chart.read({ patientId }), await timeline.page({ patientId, filter, after: null })];
    return [rows, ...answers].flatMap((one) =>
      [...JSON.stringify(one).matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id ?? ''),
    );
  });
  const ids = [...new Set(found)].filter((id) => ID.test(id)).slice(0, KNOWN_MAX);
  if (ids.length === 0) throw new Error('there are no records to be attacked');
  return ids;
}
