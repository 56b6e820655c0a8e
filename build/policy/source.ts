import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type Bundle, bundleSchema, manifestSchema, openBundle, rolesSchema } from '../../main/access/policy/bundle.ts';
import { defaultBundle } from '../../main/access/policy/defaults.ts';

/** A mistake of whoever gave the command: told in one line, without a stack. */
export class UsageError extends Error {}

const FILES = {
  manifest: 'manifest.json',
  policies: 'policies.cedar',
  schema: 'schema.cedarschema',
  roles: 'roles.json',
};

async function text(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => {
    throw new UsageError(`${file} can't be read`);
  });
}

async function json<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.output<Schema>> {
  let value: unknown;
  try {
    value = JSON.parse(await text(file));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} is no JSON`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new UsageError(`${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** A bundle as IT writes it: a folder of four files. */
export async function readFolder(folder: string): Promise<Bundle> {
  return bundleSchema.parse({
    manifest: await json(join(folder, FILES.manifest), manifestSchema),
    policies: await text(join(folder, FILES.policies)),
    schema: await text(join(folder, FILES.schema)),
    roles: await json(join(folder, FILES.roles), rolesSchema),
  });
}

/** Writes what Wardlight ships as such a folder, to start from. */
export async function writeTemplate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { manifest, policies, schema, roles } = defaultBundle;
  const pretty = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const contents = { manifest: pretty(manifest), policies, schema, roles: pretty(roles) };
  for (const [part, name] of Object.entries(FILES)) {
    // Never over somebody's work.
    await writeFile(join(folder, name), contents[part as keyof typeof FILES], { flag: 'wx' }).catch(() => {
      throw new UsageError(`${join(folder, name)} is there already`);
    });
  }
}

/** `default`, a folder, or a signed file, of which the signature is checked by the key. */
export async function readSource(source: string, keyFile: string | undefined): Promise<Bundle> {
  if (source === 'default') return defaultBundle;
  const found = await stat(source).catch(() => {
    throw new UsageError(`${source} can't be read`);
  });
  if (found.isDirectory()) return readFolder(source);
  if (keyFile === undefined) throw new UsageError('--key: the public key by which the bundle is signed');
  const opened = openBundle(await text(source), await text(keyFile));
  if (!opened.ok) throw new UsageError(`${source}: ${opened.error.code}`);
  return opened.value;
}

export { text as readText };
