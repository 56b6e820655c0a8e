import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';

export const USAGE = `npm run keys -- <command> --keys FOLDER
  init [--token nss|softhsm] [--issuer URL] [--ecdh]
          makes the organisation's keys in a token, and says what policy pins; --ecdh (softhsm): a P-384 key besides
  policy  says that again
  rotate organisation [--ecdh]
          a new key in the token: policy pins it first, then \`rewrap\`. --ecdh: a P-384 key, the RSA key stays
  rotate signing [--until DATE]
          a new key by which devices' keys are signed, which doesn't sign yet: policy pins it first. What the one in force
          has signed counts until DATE (default: 90 days on)
  certify-all --server URL [--state FILE]
          puts that key in force, and signs all certificates and the list of revoked keys with it. Goes on where it was
          stopped
  compromised --key THUMBPRINT [--server URL]
          of a signing key that others may have: another signs at once, and policy says that nothing of it counts
  rotate device --key THUMBPRINT [--server URL]
          has a workstation make a new pair at its next contact
  revoke --key THUMBPRINT [--reason WORD] [--server URL]
          and makes the list known on the FHIR server
  rewrap --server URL [--type TYPE …] [--state FILE] [--kms ARN …]
          wraps the data keys of all documents, and of all sealed fields, for the organisation's key in force and today's
          care teams; files are not uploaded again. TYPE: sealed fields of these records only. Goes on where it was stopped
  exposure --key THUMBPRINT --server URL [--type TYPE …] [--log FILE]
          which documents and sealed fields that key could ever open; FILE: the key service's log of decisions
Asks for the token's PIN, and for the FHIR server's access token where there is --server: on the terminal, or as lines of
standard input. --json: the answer as one JSON value. Exits with 0 only when all holds`;

/** An expected failure, with a code for the person and for scripts. */
export class Refusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const string = { type: 'string' } as const;
const options = {
  json: { type: 'boolean', default: false },
  keys: string,
  token: { type: 'string', default: 'nss' },
  ecdh: { type: 'boolean', default: false },
  issuer: { type: 'string', default: 'wardlight' },
  key: string,
  reason: { type: 'string', default: 'lost' },
  server: string,
  state: string,
  until: string,
  type: { type: 'string', multiple: true },
  kms: { type: 'string', multiple: true },
  log: string,
} as const;

export type Values = ReturnType<typeof readArguments>['values'];

/** @throws Refusal `usage` */
export function readArguments() {
  try {
    return parseArgs({ args: joined(process.argv.slice(2)), allowPositionals: true, options });
  } catch {
    throw new Refusal('usage', USAGE);
  }
}

const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

/** One thumbprint in 64 begins with a dash, and would be taken for an option. */
export function joined(args: readonly string[]): string[] {
  const at = args.indexOf('--key');
  const value = args[at + 1] ?? '';
  if (at < 0 || !THUMBPRINT.test(value)) return [...args];
  return [...args.slice(0, at), `--key=${value}`, ...args.slice(at + 2)];
}

/** @throws Refusal `usage` */
export function needed(value: string | undefined): string {
  if (!value) throw new Refusal('usage', USAGE);
  return value;
}

/** What is asked for without an echo, and never taken from arguments or environment, which other processes can read. */
export interface Secrets {
  ask(question: string): Promise<string>;
  close(): void;
}

export function createSecrets(): Secrets {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY === true });
  const read = lines[Symbol.asyncIterator]();
  return {
    async ask(question) {
      if (process.stdin.isTTY) process.stderr.write(question);
      const { value } = await read.next();
      if (process.stdin.isTTY) process.stderr.write('\n');
      if (typeof value !== 'string' || value === '') throw new Refusal('secret-missing', 'Nothing was entered.');
      return value;
    },
    close: () => lines.close(),
  };
}
