import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { endpoint } from '../../main/managed/audit-delivery.ts';

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
  help: { type: 'boolean', short: 'h', default: false },
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
  } catch (error) {
    // Its own words name the option, and no value that is a secret: there is no option for one.
    throw misuse(error instanceof Error ? error.message : String(error));
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

const HELP = '`npm run keys -- help` says what there is.';

/** What can't be done as it was asked for; short, so that the reason is seen. */
export function misuse(why: string): Refusal {
  return new Refusal('usage', `${why}\n${HELP}`);
}

/** @throws Refusal `usage` */
export function needed(values: Values, name: 'keys' | 'key' | 'server'): string {
  const value = values[name];
  if (!value) throw misuse(`--${name} is needed.`);
  return value;
}

/** What a key is called. @throws Refusal `usage`: of a name with a slip in it, nobody would be found who has the key */
export function thumbprintOf(values: Values): string {
  const key = needed(values, 'key');
  if (!THUMBPRINT.test(key)) throw misuse('--key: a thumbprint has 43 letters, digits, dashes and underscores.');
  return key;
}

/** The FHIR server's address. @throws Refusal `usage`: an access token goes there */
export function serverOf(values: Values): string {
  const server = needed(values, 'server');
  if (!endpoint.safeParse(server).success) {
    throw misuse('--server: an address with https; plain http on this machine alone.');
  }
  return server;
}

/** What is asked for without an echo, and never taken from arguments or environment, which other processes can read. */
export interface Secrets {
  ask(question: string): Promise<string>;
  /** The same of one that is made now: typed twice, as nobody sees a slip in it. */
  askNew(question: string): Promise<string>;
  close(): void;
}

/** A token's files are in the hands of whoever copies them, who may try as often as he likes. */
const NEW_MIN = 8;

export function createSecrets(input: NodeJS.ReadableStream & { isTTY?: boolean } = process.stdin): Secrets {
  const isTyped = input.isTTY === true;
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: silent, terminal: isTyped });
  const read = lines[Symbol.asyncIterator]();

  async function ask(question: string): Promise<string> {
    if (isTyped) process.stderr.write(question);
    const { value } = await read.next();
    if (isTyped) process.stderr.write('\n');
    if (typeof value !== 'string' || value === '') throw new Refusal('secret-missing', 'Nothing was entered.');
    return value;
  }

  return {
    ask,
    async askNew(question) {
      const secret = await ask(question);
      if (secret.length < NEW_MIN) throw new Refusal('secret-short', `It needs ${NEW_MIN} characters at least.`);
      if (isTyped && (await ask('Once more: ')) !== secret) {
        throw new Refusal('secret-differs', 'That was not the same twice. Nothing was made.');
      }
      return secret;
    },
    close: () => lines.close(),
  };
}
