import { createPublicKey } from 'node:crypto';
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { auditFilter } from '../preload/contract/audit.ts';
import { keepCredentials, openSegments } from './audit/delivery/commands.ts';
import { accountingPage } from './audit/export/accounting-page.ts';
import { disclosureOf } from './audit/export/disclosures.ts';
import { recordExport } from './audit/export/recording.ts';
import { checkFiles } from './audit/export/report.ts';
import { exportLines } from './audit/export/write.ts';
import { readLeaf } from './audit/log/entry.ts';
import { type NoteVerifier, readVerifier, vkeyOf } from './audit/log/note.ts';
import { createReading } from './audit/reading.ts';
import { auditMigrations, type LogIdentity } from './audit/schema.ts';
import { DATABASE_KEY } from './audit/store.ts';
import { openDatabase, type ReadDb } from './cache/open.ts';
import { createWorkstation, WORKSTATION_SYSTEM } from './identity/workstation.ts';
import { createSystemKeyStore } from './vault/system-key-store.ts';

/* `npm run audit`: verifies what has left a log with nothing but public keys, and reads the log of this account. */

const USAGE = `npm run audit -- <command>
  verify FILE… --key KEY [--key KEY …] [--first N] [--json]
          exports and decrypted segments, by themselves and against each other. KEY: a file with a public key (PEM, or
          lines as \`key\` prints them). --first: entries before N are not asked for
  export --data FOLDER --out FILE [--report FILE.html] [--from TIME] [--to TIME] [--patient ID] [--agent REFERENCE] [--action CODE …]
          the whole log, or a selection with a proof of each entry; and a page that accounts for the disclosures. It is
          recorded in the log first, so that Wardlight has to be closed
  query  --data FOLDER [the same] [--before N] [--limit N] [--json]
  key    --data FOLDER
          the public key of the log
  open   FILE… --key PRIVATE.pem --out FOLDER
          opens sealed segments with the organisation's private key, for \`verify\`
  credentials TARGET
          puts { "accessKeyId", "secretAccessKey" } of a bucket, read from standard input, into this account's keychain
FOLDER: Wardlight's data, or a log's file that was set aside. TIME: an ISO instant.
--json: the answer as one JSON value. Exits with 0 only when all holds`;

/** An expected failure, with a code for the person and for scripts. */
class Refusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const string = { type: 'string' } as const;
const many = { type: 'string', multiple: true } as const;
const options = {
  json: { type: 'boolean', default: false },
  key: many,
  first: string,
  data: string,
  out: string,
  report: string,
  from: string,
  to: string,
  patient: string,
  agent: string,
  action: many,
  before: string,
  limit: string,
} as const;

type Values = ReturnType<typeof readArguments>['values'];

interface Outcome {
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly ok: boolean;
}

function readArguments() {
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch {
    throw new Refusal('usage', USAGE);
  }
}

const commands: Readonly<Record<string, (values: Values, files: string[]) => Promise<Outcome>>> = {
  async verify(values, files) {
    const keys = (values.key ?? []).map((file) => readOr(file, 'key-missing'));
    if (files.length === 0 || keys.length === 0) throw new Refusal('usage', USAGE);
    for (const file of files) if (!existsSync(file)) throw new Refusal('file-missing', `${file} is not there.`);
    const named = files.map((name) => ({ name, lines: () => createInterface({ input: createReadStream(name) }) }));
    const report = await checkFiles(named, verifiersBy(keys), numberOr(values.first, 0));
    const logs = report.logs.map(({ origin, size, time, ranges, uncompared }) =>
      [
        `${origin}: signed for ${size} entries at ${time ?? 'an unknown time'}`,
        `  proved: ${ranges.map(([from, to]) => `${from}–${to - 1}`).join(', ') || 'none'}`,
        ...uncompared.map(([one, other]) => `  ${one} and ${other} share nothing by which they could be compared`),
      ].join('\n'),
    );
    const problems = report.problems.map(({ code, file, first, end }) => `${code}: ${file}${placeOf(first, end)}`);
    const text = [...logs, ...problems, report.ok ? 'All holds.' : `${problems.length} problems.`].join('\n');
    return { text, value: { ...report }, ok: report.ok };
  },

  async export(values) {
    const { out: name } = values;
    if (name === undefined) throw new Refusal('usage', USAGE);
    await recordFirst(values);
    return withLog(values, async (db, identity) => {
      const filter = filterOf(values);
      const reading = createReading(() => db);
      const out = createPrivately(name);
      let count = -1;
      for await (const line of exportLines({
        reading,
        identity,
        filter: Object.keys(filter).length > 0 ? filter : null,
      })) {
        writeSync(out, `${line}\n`);
        count += 1;
      }
      if (values.report !== undefined) {
        const html = accountingPage({ reading, origin: identity.origin, filter, now: new Date() });
        writeFileSync(createPrivately(values.report), html);
      }
      return { text: `${count} entries are in ${name}`, value: { ok: true, entries: count }, ok: true };
    });
  },

  query: (values) =>
    withLog(values, async (db) => {
      const page = { limit: numberOr(values.limit, 100), ...(values.before && { before: numberOr(values.before, 0) }) };
      const parsed = auditFilter.safeParse({ ...filterOf(values), ...page });
      if (!parsed.success) throw new Refusal('usage', USAGE);
      const entries = createReading(() => db).query(
        parsed.data as Parameters<ReturnType<typeof createReading>['query']>[0],
      );
      const lines = entries.map(disclosureOf);
      const events = entries.map(({ seq, leaf }) => ({
        seq,
        event: JSON.parse(readLeaf(leaf)?.event ?? 'null') as unknown,
      }));
      const text = lines.map(({ seq, date, who, patient, what, why }) =>
        [seq, date, who, patient, what, why].join('  '),
      );
      return { text: text.join('\n'), value: { ok: true, entries: events }, ok: true };
    }),

  async open(values, files) {
    const [keyFile] = values.key ?? [];
    if (files.length === 0 || keyFile === undefined || values.out === undefined) throw new Refusal('usage', USAGE);
    const opened = await openSegments(files, readOr(keyFile, 'key-missing'), values.out);
    const text = opened.map(({ file, out, code }) => `${file}: ${out ?? code}`).join('\n');
    return { text, value: { files: opened }, ok: opened.every(({ code }) => code === null) };
  },

  async credentials(_values, [target]) {
    if (target === undefined) throw new Refusal('usage', USAGE);
    // Not from the arguments, which other processes can read.
    const code = await keepCredentials(target, readFileSync(0, 'utf8'), createSystemKeyStore());
    if (code !== null) throw new Refusal(code, 'The credentials were not kept.');
    return { text: 'kept', value: { ok: true }, ok: true };
  },

  key: (values) => withLog(values, async (_db, { vkey }) => ({ text: vkey, value: { ok: true, vkey }, ok: true })),
};

function placeOf(first: number, end: number): string {
  if (end <= first) return '';
  return end === first + 1 ? `, entry ${first}` : `, entries ${first}–${end - 1}`;
}

/** The key of a log, by its name; a PEM key goes for each log of its workstation. */
function verifiersBy(keys: readonly string[]): (origin: string) => NoteVerifier | null {
  const named = keys.flatMap((text) =>
    isPem(text) ? [] : text.split('\n').flatMap((line) => readVerifier(line) ?? []),
  );
  const plain = keys.filter(isPem).map((text) => {
    try {
      return createPublicKey(text);
    } catch {
      throw new Refusal('key-invalid', 'A key file holds no public key.');
    }
  });
  if (named.length + plain.length === 0) throw new Refusal('key-invalid', 'No key file holds a public key.');
  return (origin) =>
    named.find(({ name }) => name === origin) ??
    (plain[0] && plain.length === 1 ? readVerifier(vkeyOf(origin, plain[0])) : null);
}

function isPem(text: string): boolean {
  return text.includes('-----BEGIN');
}

function filterOf({ patient, agent, from, to, action }: Values) {
  return {
    ...(patient !== undefined && { patient: patient.replace(/^Patient\//, '') }),
    ...(agent !== undefined && { agent }),
    ...(from !== undefined && { from: instant(from) }),
    ...(to !== undefined && { to: instant(to) }),
    ...(action !== undefined && { actions: action }),
  };
}

function instant(text: string): number {
  const time = Date.parse(text);
  if (!Number.isFinite(time)) throw new Refusal('usage', USAGE);
  return time;
}

function numberOr(text: string | undefined, otherwise: number): number {
  const number = Number(text ?? otherwise);
  if (!Number.isSafeInteger(number) || number < 0) throw new Refusal('usage', USAGE);
  return number;
}

function readOr(file: string, code: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Refusal(code, `${file} can’t be read.`);
  }
}

/** Records of accesses in the clear: for the owner alone, and never in the place of another file. */
function createPrivately(file: string): number {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw exists
      ? new Refusal('out-exists', 'The file to write is there already.')
      : new Refusal('out-not-written', 'The file can’t be written.');
  }
}

/** An export is an access: it stands in the log before anything is read. One that was set aside takes no entries. */
async function recordFirst({ data = '', patient }: Values): Promise<void> {
  const folder = basename(data) === 'audit.db' ? dirname(data) : join(data, 'audit');
  if (!existsSync(join(folder, 'audit.db'))) return;
  const workstation = createWorkstation({ file: join(folder, '..', 'workstation.json'), write: async () => undefined });
  const code = await recordExport({
    folder,
    keyStore: createSystemKeyStore(),
    recorder: { id: await workstation(), system: WORKSTATION_SYSTEM, host: hostname(), version: manifest.version },
    account: userInfo().username,
    patientId: patient?.replace(/^Patient\//, ''),
  });
  if (code !== null) throw new Refusal(code, UNRECORDED[code] ?? 'The export can’t be recorded, and is not made.');
}

const UNRECORDED: Readonly<Record<string, string>> = {
  'log-held': 'The export can’t be recorded while Wardlight runs: close it, and try again.',
  'log-set-aside': 'The log could not be gone on with. It lies beside the new one: export it from there.',
  'log-elsewhere': 'Give the folder by the path by which Wardlight uses it.',
};

/** Opens the log to read it, with the key that is in the keychain of this account. */
async function withLog(
  values: Values,
  work: (db: ReadDb, identity: LogIdentity) => Promise<Outcome>,
): Promise<Outcome> {
  if (values.data === undefined) throw new Refusal('usage', USAGE);
  const stored = await createSystemKeyStore().get(DATABASE_KEY);
  if (!stored.ok) throw new Refusal(stored.error.code, 'The keychain doesn’t give the key of the log.');
  if (stored.value === null) throw new Refusal('keyring-entry-missing', 'The keychain has no key of a log.');
  const { file, remove } = placeFile(values.data);
  try {
    const key = Buffer.from(stored.value, 'base64');
    const migrations = auditMigrations({ origin: '', vkey: '', predecessor: null });
    const opened = openDatabase({ file, key, mode: 'read', migrations });
    if (!opened.ok) throw new Refusal(opened.error.code, 'The log does not open.');
    try {
      const identity = opened.value.prepare('SELECT origin, vkey, predecessor FROM log').get() as LogIdentity;
      return await work(opened.value, identity);
    } finally {
      opened.value.close();
    }
  } finally {
    remove();
  }
}

/** The log of a data folder, as it is; of one that was set aside, a copy under the names that SQLite wants. */
function placeFile(path: string): { file: string; remove: () => void } {
  const aside = /^(.*)(\.aside-\d+)$/.exec(path);
  if (!aside) {
    const inside = join(path, 'audit', 'audit.db');
    return { file: existsSync(inside) ? inside : path, remove: () => undefined };
  }
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-audit-'));
  for (const part of ['', '-wal', '.kcv']) {
    const source = `${aside[1]}${part}${aside[2]}`;
    if (existsSync(source)) copyFileSync(source, join(folder, `audit.db${part}`));
  }
  return { file: join(folder, 'audit.db'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

async function main(): Promise<void> {
  const json = process.argv.includes('--json');
  try {
    const { values, positionals } = readArguments();
    const [name = '', ...files] = positionals;
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) throw new Refusal('usage', USAGE);
    const { text, value, ok } = await command(values, files);
    process.stdout.write(`${json ? JSON.stringify(value) : text}\n`);
    process.exitCode = ok ? 0 : 1;
  } catch (error) {
    const code = error instanceof Refusal ? error.code : 'failed';
    const message = error instanceof Refusal ? error.message : 'It failed in a way that has no name.';
    if (json) process.stdout.write(`${JSON.stringify({ ok: false, code })}\n`);
    process.stderr.write(`${code}: ${message}\n`);
    process.exitCode = code === 'usage' ? 2 : 1;
  }
}

await main();
