import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/* What the commands of `npm run audit` are told, and how they answer. */

export const USAGE = `npm run audit -- <command>
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
export class Refusal extends Error {
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

export type Values = ReturnType<typeof readArguments>['values'];

export interface Outcome {
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly ok: boolean;
}

/** @throws Refusal `usage` */
export function readArguments() {
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch {
    throw new Refusal('usage', USAGE);
  }
}

/** What a selection of entries is made by. */
export function filterOf({ patient, agent, from, to, action }: Values) {
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

/** A count or number of an entry. @throws Refusal `usage` */
export function numberOr(text: string | undefined, otherwise: number): number {
  const number = Number(text ?? otherwise);
  if (!Number.isSafeInteger(number) || number < 0) throw new Refusal('usage', USAGE);
  return number;
}

/** The text of a file; `code` where it can't be read. */
export function readOr(file: string, code: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Refusal(code, `${file} can’t be read.`);
  }
}
