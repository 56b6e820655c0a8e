import { randomBytes } from 'node:crypto';
import { mkdtempSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication } from 'playwright';
import { createReads } from '../../main/cache/reads/index.ts';
import { createWrites } from '../../main/cache/writes/index.ts';
import { startServer } from '../server/index.ts';
import { type RunningApp, sessionFolder, startApp } from '../support/app.ts';
import { project } from '../support/desktop.ts';
import { enrol, newUserData, PASSPHRASE, synced, unlock } from '../support/journey.ts';
import { openCacheOf, profileSecrets } from '../support/profile-files.ts';
import { timesInPage } from './paint.ts';
import { type BenchResult, median, p95Of, percentile, rounded } from './statistics.ts';

const UNLOCKS = 20;
const CACHE_BYTES = 1_000_000_000;
const PAGE = 1_000;
/** Between two keys of a passphrase that somebody types quickly: what is prepared meanwhile she doesn't wait for. */
const KEY_MS = 80;
/** Characters of each record that fills the cache: about as many as a result with its narrative has. */
const RECORD = 4_000;

/** What policy encrypts within records. */
const FIELDS = [
  { type: 'DocumentReference', path: 'content.attachment.data' },
  { type: 'Observation', path: 'value', label: 'PSY' },
  { type: 'Patient', path: 'identifier.value', blindIndex: true },
];

/** Has the program tell how long Argon2id takes it; before its first unlock, by which it is loaded. */
export function timeKdf(app: ElectronApplication): Promise<void> {
  return app.evaluate(
    (_electron, from) => {
      const argon2 = process.getBuiltinModule('node:module').createRequire(from)('@node-rs/argon2');
      const { hashRaw } = argon2;
      argon2.hashRaw = async (...args: unknown[]) => {
        const begun = performance.now();
        const hash: unknown = await hashRaw(...args);
        Reflect.set(globalThis, 'kdfMs', performance.now() - begun);
        return hash;
      };
    },
    join(project, 'package.json'),
  );
}

/** What Argon2id has taken the program the last time. */
const lastKdf = (app: ElectronApplication) => app.evaluate(() => Number(Reflect.get(globalThis, 'kdfMs')));

/** Fills the cache of a program that has ended with more results of its patients, up to a gigabyte. */
async function fill(userData: string): Promise<number> {
  const db = await openCacheOf(userData);
  const [reads, writes] = [createReads(db), createWrites(db)];
  const panel = reads.panel();
  const { folder } = await profileSecrets(userData);
  const size = () => statSync(join(folder, 'cache.db')).size;
  for (let page = 0; size() < CACHE_BYTES; page += 1) {
    writes.startRun({ tasks: [{ label: 'bench', resourceType: 'Observation', url: 'Observation', patients: null }] });
    const seq = reads.tasks({}).at(-1)?.seq ?? 0;
    const resources = Array.from({ length: PAGE }, (_, at) => recordOf(panel, page * PAGE + at));
    writes.applyPage({ seq, resources, next: null, serverTime: '2026-11-01T08:00:00.000Z' });
    db.pragma('wal_checkpoint(PASSIVE)');
  }
  writes.startRun({ tasks: [] });
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  return size();
}

function recordOf(panel: readonly string[], number: number): string {
  return JSON.stringify({
    resourceType: 'Observation',
    id: `filler-${number}`,
    meta: { versionId: '1', lastUpdated: '2026-10-01T00:00:00Z' },
    status: 'final',
    code: { coding: [{ system: 'urn:bench', code: `code-${number % 50}` }] },
    subject: { reference: `Patient/${panel[number % panel.length]}` },
    effectiveDateTime: new Date(1_600_000_000_000 + number * 60_000).toISOString(),
    valueQuantity: { value: number % 200, unit: 'mmol/L' },
    extension: [{ url: 'urn:bench', valueBase64Binary: randomBytes((RECORD * 3) / 4).toString('base64') }],
  });
}

/** Milliseconds without those of Argon2id (`kdf`): until the unlocked page is drawn, and until its first patient is. */
export async function measureUnlocks({
  app,
  page,
}: RunningApp): Promise<{ own: number[]; list: number[]; kdf: number[] }> {
  const [own, list, kdf]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < UNLOCKS; round++) {
    await page.getByTestId('lock-button').click();
    await page.getByTestId('unlock-passphrase').pressSequentially(PASSPHRASE, { delay: KEY_MS });
    const drawn = ['[data-testid="frame"]', '[data-testid="patient-row"]'];
    const [frame = Number.NaN, row = Number.NaN] = await timesInPage(page, '[data-testid="unlock-submit"]', drawn);
    const spent = await lastKdf(app);
    kdf.push(spent);
    own.push(frame - spent);
    list.push(row - spent);
  }
  return { own, list, kdf };
}

/** From the passphrase to the unlocked page, and to its list, without the time of Argon2id, with a cache of a gigabyte and documents in policy. */
export async function benchUnlock(say: (message: string) => void): Promise<BenchResult[]> {
  const keys = { folder: mkdtempSync(sessionFolder('token-')), pin: 'synthetic-1234' };
  const server = await startServer({ patients: 40, seed: 1, now: '2026-11-01T08:00:00Z', keys });
  try {
    const userData = newUserData();
    // With all that an organisation can have set up: whoever has set up less waits for less.
    const policy = server.keys && { documents: { ...server.keys.policy, fields: FIELDS } };
    const program = { userData, server: server.url, ...(policy && { policy }) };
    say('enrolling');
    const enrolling = await startApp(program);
    await enrol(enrolling.page);
    await synced(enrolling.page);
    await enrolling.app.close();
    say('filling the cache');
    const bytes = await fill(userData);
    const running = await startApp(program);
    await timeKdf(running.app);
    await unlock(running.page);
    await running.page.getByTestId('patient-row').first().waitFor();
    const { own, list, kdf } = await measureUnlocks(running);
    await running.app.close();
    const beside = {
      'Argon2id p50 ms': rounded(median(kdf), 0),
      'Argon2id p95 ms': rounded(percentile(kdf, 0.95), 0),
      'cache MB': rounded(bytes / 1e6, 0),
    };
    return [
      p95Of('unlock.after_kdf_p95_ms', own, 150, beside),
      p95Of('unlock.list_after_kdf_p95_ms', list, null, beside),
    ];
  } finally {
    await server.stop();
  }
}
