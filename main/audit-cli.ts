import { readFileSync } from 'node:fs';
import { keepCredentials, openSegments } from './audit/delivery/commands.ts';
import { type Outcome, Refusal, readArguments, readOr, USAGE, type Values } from './audit-cli/arguments.ts';
import { exportLog } from './audit-cli/export.ts';
import { withLog } from './audit-cli/log-file.ts';
import { query } from './audit-cli/query.ts';
import { verify } from './audit-cli/verify.ts';
import { createSystemKeyStore } from './vault/system-key-store.ts';

/* `npm run audit`: verifies what has left a log with nothing but public keys, and reads the log of this account. */

const commands: Readonly<Record<string, (values: Values, files: string[]) => Promise<Outcome>>> = {
  verify,
  export: exportLog,
  query,

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
