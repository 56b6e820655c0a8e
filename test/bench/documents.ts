import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';
import { findRuntime } from '../../build/runtime.mjs';
import type { Memory, Rates } from './documents/child.ts';
import { fieldsPerSecond } from './documents-fields.ts';
import { benchResentBytes } from './documents-upload.ts';
import { type BenchResult, median, rounded } from './statistics.ts';

const ROUNDS = 7;
const MIB = 1024 * 1024;
const ROUND_BYTES = 128 * MIB;
const LARGE_BYTES = 2_048 * MIB;

/** What it costs to encrypt and to open a file, in the runtime that does it for clinicians. */
export async function benchDocuments(say: (message: string) => void): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-bench-documents-'));
  try {
    const child = await compiled(folder);
    say(`documents: ${ROUNDS} rounds of ${ROUND_BYTES / MIB} MiB`);
    const rates = await inElectron<Rates>(child, ['rates', folder, String(ROUND_BYTES), String(ROUNDS)]);
    say(`documents: a file of ${LARGE_BYTES / MIB} MiB`);
    const memory = await inElectron<Memory>(child, ['memory', folder, String(LARGE_BYTES)]);
    say('documents: uploads that are killed, and fields');
    const others = [...(await benchResentBytes(say)), ...(await fieldsPerSecond())];
    return [...throughput(rates), memoryOf(memory), ...others];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Electron's Node reads no TypeScript. */
async function compiled(folder: string): Promise<string> {
  const entry = join(import.meta.dirname, 'documents', 'child.ts');
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: entry,
      target: 'node20',
      minify: true,
      outDir: join(folder, 'child'),
      rollupOptions: { output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' } },
    },
  });
  return join(folder, 'child', 'child.mjs');
}

async function inElectron<Answer>(script: string, args: readonly string[]): Promise<Answer> {
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  const { stdout } = await promisify(execFile)(findRuntime().executable, [script, ...args], { env });
  return JSON.parse(stdout) as Answer;
}

/** Bytes a second against AES-256-GCM as Node streams it from file to file; each ratio is that of one round. */
function throughput(rates: Rates): BenchResult[] {
  return (['encrypt', 'decrypt'] as const).map((name) => {
    const { own, plain } = rates[name];
    const perSecond = (samples: readonly number[]) => rounded(median(samples) / MIB, 0);
    return {
      name: `documents.${name}_vs_gcm`,
      value: rounded(median(own.map((rate, round) => rate / (plain[round] ?? Number.NaN)))),
      unit: 'ratio',
      better: 'higher',
      target: 0.5,
      peers: { 'MiB/s': perSecond(own), 'MiB/s, AES-256-GCM alone': perSecond(plain) },
    };
  });
}

/** The largest of all; where it is flat, the first tenth of the file has seen as much as the whole. */
function memoryOf({ before, encrypt, open }: Memory): BenchResult {
  const inMb = (bytes: number) => rounded(bytes / 1e6, 0);
  return {
    name: 'documents.memory_mb',
    value: inMb(Math.max(encrypt.peak, open.peak)),
    unit: 'MB',
    better: 'lower',
    target: 200,
    peers: {
      'MB before': inMb(before),
      'MB, encrypting': inMb(encrypt.peak),
      'MB, encrypting its first tenth': inMb(encrypt.firstTenth),
      'MB, opening': inMb(open.peak),
      'MB, opening its first tenth': inMb(open.firstTenth),
    },
  };
}
