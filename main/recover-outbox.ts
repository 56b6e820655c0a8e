import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { fieldWrappingKey } from './cache/fields/key.ts';
import { setFieldLayer } from './cache/fields/layer.ts';
import { openDatabase } from './cache/open.ts';
import { recoverWork } from './cache/outbox/recover.ts';
import { outboxMigrations } from './cache/outbox/schema/index.ts';
import { fittingKey } from './cache/rekey.ts';
import { openRecoverySlot } from './vault/recovery.ts';
import { readAnySlots } from './vault/slot-file.ts';

/*
 * `npm run recover-outbox -- --profile FOLDER --key recovery.pem [--out FILE] [--json]`: writes what was not sent from a
 * profile that nobody can unlock any more, by the organisation's private recovery key alone. It reads copies: the
 * profile's own files are evidence, and stay as they are.
 */

/** An expected failure, with a code for the person and for scripts. */
class Refusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const USAGE =
  'npm run recover-outbox -- --profile FOLDER --key recovery.pem [--out FILE] [--json]\n' +
  'FILE ending in .ndjson gets one transaction Bundle a patient; "-" writes to the terminal.';

interface Arguments {
  readonly profile: string;
  readonly key: string;
  readonly out: string | undefined;
  readonly json: boolean;
}

function readArguments(): Arguments {
  const string = { type: 'string' } as const;
  try {
    const { values } = parseArgs({ options: { profile: string, key: string, out: string, json: { type: 'boolean' } } });
    const { profile, key, out, json = false } = values;
    if (profile && key) return { profile: resolve(profile), key, out, json };
  } catch {
    // Answered below.
  }
  throw new Refusal('usage', USAGE);
}

async function main(): Promise<void> {
  const json = process.argv.includes('--json');
  try {
    const done = await recover(readArguments());
    if (json) process.stdout.write(`${JSON.stringify({ ok: true, ...done })}\n`);
    else
      process.stdout.write(
        `${done.changes} unsent changes and ${done.drafts} drafts of ${done.patients} patients are in ${done.out}\n`,
      );
  } catch (error) {
    const code = error instanceof Refusal ? error.code : 'failed';
    const message = error instanceof Refusal ? error.message : 'It failed in a way that has no name.';
    if (json) process.stdout.write(`${JSON.stringify({ ok: false, code })}\n`);
    process.stderr.write(`${code}: ${message}\n`);
    process.exitCode = 1;
  }
}

async function recover({ profile, key, out }: Arguments) {
  const privateKey = await readPrivateKey(key);
  const keys = await outboxKeys(profile, privateKey);
  const work = readCopy(profile, keys);
  const target = out ?? `unsent-${basename(profile)}.json`;
  const text = target.endsWith('.ndjson') ? work.bundles.map((bundle) => `${bundle}\n`).join('') : `${work.bundle}\n`;
  if (target === '-') process.stdout.write(text);
  else writePrivately(target, text);
  return {
    changes: work.changes,
    drafts: work.drafts,
    patients: work.bundles.length,
    states: work.states,
    out: target,
  };
}

async function readPrivateKey(file: string): Promise<KeyObject> {
  const pem = readOr(file, 'recovery-key-missing', 'The key file is not there.');
  const isEncrypted = /ENCRYPTED/.test(pem);
  const passphrase = isEncrypted ? await ask('Passphrase of the recovery key: ') : undefined;
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) });
  } catch {
    if (isEncrypted) throw new Refusal('recovery-passphrase-wrong', 'The key file does not open with that passphrase.');
    throw new Refusal('recovery-key-invalid', 'The key file holds no private key in PEM.');
  }
}

/** Asked for without an echo, and never taken from the arguments, which other processes can read. */
function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY === true });
  return new Promise((resolveLine) => {
    lines.once('line', (line) => {
      resolveLine(line);
      process.stderr.write('\n');
      lines.close();
    });
    lines.once('close', () => resolveLine(''));
  });
}

function readOr(file: string, code: string, message: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Refusal(code, message);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  'slots-damaged': 'The key file of the profile (slots.json) is damaged or missing.',
  'slots-newer': 'The profile was last opened by a newer version of Wardlight: use that.',
  'recovery-slot-missing': 'This profile was never sealed for a recovery key: policy named none at its last unlock.',
  'recovery-key-wrong': 'The profile is sealed for another recovery key.',
  'recovery-slot-damaged': 'The part of slots.json for the recovery key was damaged, or belongs to another profile.',
};

async function outboxKeys(profile: string, privateKey: KeyObject): Promise<Buffer[]> {
  const slots = await readAnySlots(join(profile, 'slots.json'));
  if (!slots.ok) throw new Refusal(slots.error.code, REASONS[slots.error.code] ?? '');
  const { content } = slots.value;
  if (content.profile !== idOf(profile)) {
    throw new Refusal('recovery-other-profile', 'slots.json belongs to another profile than the folder.');
  }
  const keys = openRecoverySlot(content, privateKey);
  if (!keys.ok) throw new Refusal(keys.error.code, REASONS[keys.error.code] ?? '');
  return keys.value;
}

/** As its profile.json says; where that can't be read, as the folder is named. */
function idOf(profile: string): string {
  try {
    return String((JSON.parse(readFileSync(join(profile, 'profile.json'), 'utf8')) as { id?: unknown }).id);
  } catch {
    return basename(profile);
  }
}

function readCopy(profile: string, keys: readonly Buffer[]) {
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-recover-'));
  try {
    const file = join(folder, 'outbox.db');
    for (const suffix of ['', '-wal', '.kcv']) {
      const source = join(profile, `outbox.db${suffix}`);
      if (existsSync(source)) copyFileSync(source, `${file}${suffix}`);
    }
    const [first, second] = keys as [Buffer, Buffer | undefined];
    const key = second && fittingKey({ file, keys: [first, second] }) === 1 ? second : first;
    const opened = openDatabase({ file, key, mode: 'write', migrations: outboxMigrations });
    if (!opened.ok) {
      throw new Refusal(opened.error.code.replace('cache-', 'outbox-'), 'The file of unsent work does not open.');
    }
    setFieldLayer(opened.value, [], fieldWrappingKey(key));
    try {
      return recoverWork(opened.value, randomUUID);
    } finally {
      opened.value.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Patients' records in the clear: for the owner alone, and never in the place of another file. */
function writePrivately(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw exists
      ? new Refusal('out-exists', 'The file to write is there already.')
      : new Refusal('out-not-written', 'The file can’t be written.');
  }
}

await main();
