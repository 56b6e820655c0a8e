import { readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { ReleaseError, run } from '../release/tools.ts';

/** The environment variable that names the file which says how Windows' files are signed. */
export const CONFIGURATION = 'WARDLIGHT_WINDOWS_SIGNING';

const path = z.string().min(1).max(1000);

/** Address of a service for RFC 3161 time stamps. */
const timestamp = z.url({ protocol: /^https?$/ });

/** Paths are relative to the file. No secret stands in it. */
const schema = z.discriminatedUnion('tool', [
  z.strictObject({
    tool: z.literal('osslsigncode'),
    /** PEM: the signer's certificate, then those above it. */
    certificates: path,
    /** A file (PEM), or a `pkcs11:` URI (RFC 7512) of a key in a token. */
    key: path,
    /** The token's PKCS#11 module. */
    module: path.optional(),
    /** A file with the passphrase of the key, or the PIN of the token. */
    password: path.optional(),
    timestamp,
  }),
  z.strictObject({
    tool: z.literal('signtool'),
    /** Windows' signtool, or what takes its arguments. */
    program: path,
    /** Which key: `/sha1 …` of a certificate in the store; `/dlib … /dmdf …` for Azure Trusted Signing. */
    arguments: z.array(z.string().max(1000)).max(20),
    timestamp,
  }),
]);

export type CodeSigning = z.infer<typeof schema> & {
  /** The file where it stands. */
  readonly file: string;
};

/**
 * How files for Windows are signed (Authenticode), as the environment says; null where it says nothing.
 * @throws ReleaseError for what can't be used
 */
export function codeSigningFromEnvironment(env = process.env): CodeSigning | null {
  const named = env[CONFIGURATION];
  if (!named) return null;
  const file = resolve(named);
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new ReleaseError(`${CONFIGURATION}: ${file} is no JSON that can be read`);
  }
  const parsed = schema.safeParse(read);
  if (!parsed.success) throw new ReleaseError(`${CONFIGURATION}: ${z.prettifyError(parsed.error)}`);
  return { ...parsed.data, file };
}

type Osslsigncode = Extract<CodeSigning, { tool: 'osslsigncode' }>;

const TITLE = ['-n', 'Wardlight', '-i', 'https://wardlight.org'];

/** Secrets go by files, never by arguments, which every account of a machine can read. */
function osslsigncode(signing: Osslsigncode, file: string): void {
  const beside = (name: string) => resolve(dirname(signing.file), name);
  const { certificates, key, module, password, timestamp: stamp } = signing;
  const signed = `${file}.signed`;
  const args = [
    ...['sign', '-h', 'sha256', ...TITLE, '-certs', beside(certificates)],
    ...(key.startsWith('pkcs11:') ? ['-key', key] : ['-key', beside(key)]),
    ...(module ? ['-pkcs11module', module] : []),
    ...(password ? ['-readpass', beside(password)] : []),
    ...['-ts', stamp],
    ...(file.endsWith('.msi') ? ['-add-msi-dse'] : []),
  ];
  rmSync(signed, { force: true });
  run('osslsigncode', [...args, '-in', file, '-out', signed]);
  renameSync(signed, file);
}

/** Signs a program, library, module or package in place, with a time stamp. */
export function signCode(signing: CodeSigning, file: string): void {
  if (signing.tool === 'osslsigncode') {
    osslsigncode(signing, file);
    return;
  }
  const { program, arguments: key, timestamp: address } = signing;
  run(program, ['sign', '/fd', 'SHA256', '/td', 'SHA256', '/tr', address, '/d', 'Wardlight', ...key, file]);
}
