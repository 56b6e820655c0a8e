import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { bundleHash, signBundle } from '../../main/access/policy/bundle.ts';
import { type Explanation, explain } from './explain.ts';
import { lint } from './lint.ts';
import { readFolder, readSource, readText, UsageError, writeTemplate } from './source.ts';
import { printed, tableOf } from './table.ts';

const USAGE = `npm run policy -- <command>
  template FOLDER                        what Wardlight ships, as files to start from
  check BUNDLE [--key PUBLIC.pem]        validates and lints; what each role can do. BUNDLE: a signed file (with --key,
                                         the public key), a folder, or "default"
  explain --bundle BUNDLE [--key …] --action ACTION [--user JSON | --role ROLE …] [--patient JSON | --relation … --type …
          --confidentiality … --sensitivity …] [--purpose … --stated --emergency --offline --managed --hour …]
                                         the decision, and the policies that made it
  sign FOLDER --key PRIVATE.pem --out FILE
--json: the answer as one JSON value`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    key: { type: 'string' },
    out: { type: 'string' },
    bundle: { type: 'string', default: 'default' },
    user: { type: 'string' },
    role: { type: 'string', multiple: true },
    scope: { type: 'string', multiple: true },
    patient: { type: 'string' },
    relation: { type: 'string' },
    type: { type: 'string' },
    confidentiality: { type: 'string' },
    sensitivity: { type: 'string', multiple: true },
    own: { type: 'boolean' },
    action: { type: 'string' },
    purpose: { type: 'string' },
    stated: { type: 'boolean' },
    emergency: { type: 'boolean' },
    offline: { type: 'boolean' },
    managed: { type: 'boolean' },
    hour: { type: 'string' },
  },
});

/** What a command answers: as text for people, as a value for programs, and whether all holds. */
interface Outcome {
  readonly text: string;
  readonly value: unknown;
  readonly ok: boolean;
}

const commands: Readonly<Record<string, () => Promise<Outcome>>> = {
  async template() {
    await writeTemplate(needed(positionals[1], 'FOLDER'));
    return { text: 'written', value: { ok: true }, ok: true };
  },
  async check() {
    const bundle = await readSource(needed(positionals[1], 'BUNDLE'), values.key);
    const problems = lint(bundle);
    const { name, version } = bundle.manifest;
    const table = tableOf(bundle);
    const value = { ok: problems.length === 0, name, version, hash: bundleHash(bundle), problems, roles: table };
    const told = problems.map(({ policy, message }) => `${policy ?? 'bundle'}: ${message}`);
    const verdict = problems.length === 0 ? 'holds' : `${problems.length} problems`;
    const text = [`${name}, version ${version}: ${verdict}`, ...told, '', printed(table)].join('\n');
    return { text, value, ok: problems.length === 0 };
  },
  async explain() {
    const bundle = await readSource(values.bundle, values.key);
    const explanation = explain(bundle, {
      action: needed(values.action, '--action'),
      user: values.user ? fromJson('--user', values.user) : { roles: values.role ?? [], scopes: values.scope ?? null },
      patient: values.patient
        ? fromJson('--patient', values.patient)
        : given({
            relation: values.relation,
            resourceType: values.type,
            confidentiality: values.confidentiality,
            sensitivity: values.sensitivity,
            own: values.own,
          }),
      circumstances: given({
        purpose: values.purpose,
        stated: values.stated,
        emergency: values.emergency,
        offline: values.offline,
        managed: values.managed,
        hour: values.hour === undefined ? undefined : Number(values.hour),
      }),
    });
    return { text: said(explanation), value: { ok: true, ...explanation }, ok: true };
  },
  async sign() {
    const bundle = await readFolder(needed(positionals[1], 'FOLDER'));
    const problems = lint(bundle);
    if (problems.length > 0) {
      throw new UsageError(problems.map(({ policy, message }) => `${policy ?? 'bundle'}: ${message}`).join('\n'));
    }
    const key = await readText(needed(values.key, '--key'));
    const out = needed(values.out, '--out');
    await writeFile(out, signBundle(bundle, key));
    const hash = bundleHash(bundle);
    return { text: `${out}: ${hash}`, value: { ok: true, hash }, ok: true };
  },
};

function needed(value: string | undefined, name: string): string {
  if (!value) throw new UsageError(`${name} is missing\n\n${USAGE}`);
  return value;
}

function fromJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${name} is no JSON`);
  }
}

/** Without what wasn't given: the schema knows the defaults. */
function given(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function said({ decision, policies, failed }: Explanation): string {
  const because = policies.map(({ id, effect, says }) => `  ${effect} ${id}${says ? `: ${says}` : ''}`);
  const errors = failed.map((id) => `  could not be evaluated, so it is denied: ${id}`);
  const nothing = because.length + errors.length === 0 ? ['  no policy permits it'] : [];
  return [decision, ...because, ...errors, ...nothing].join('\n');
}

try {
  const command = commands[positionals[0] ?? ''];
  if (!command) throw new UsageError(USAGE);
  const { text, value, ok } = await command();
  console.log(values.json ? JSON.stringify(value, null, 2) : text);
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  if (values.json) console.log(JSON.stringify({ ok: false, error: error.message }));
  else console.error(error.message);
  process.exitCode = 1;
}
