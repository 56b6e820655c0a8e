import { base64Of } from './base64.ts';
import { type NoteSigner, type NoteVerifier, openNote } from './note.ts';

/** How a log stands at a size: C2SP tlog-checkpoint, with the running chain and the time as extension lines. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  /** The running chain after the last entry. */
  readonly chain: Buffer;
  /** By the workstation's clock; ISO instant. */
  readonly time: string;
}

/** A checkpoint as signed note. */
export function signCheckpoint({ origin, size, root, chain, time }: Checkpoint, signer: NoteSigner): string {
  const lines = [origin, String(size), root.toString('base64'), `chain ${chain.toString('base64')}`, `time ${time}`];
  return signer.sign(`${lines.join('\n')}\n`);
}

/** Reads a checkpoint that one of the keys has signed; null where it isn't, or is no checkpoint of ours. */
export function openCheckpoint(
  note: string,
  verifiers: readonly NoteVerifier[],
): (Checkpoint & { readonly vkey: string }) | null {
  const opened = openNote(note, verifiers);
  const read = opened && readCheckpoint(opened.text);
  return read && { ...read, vkey: opened.vkey };
}

const HASH = '[A-Za-z0-9+/]{43}=';
const TEXT = new RegExp(
  `^(?<origin>\\S+)\\n(?<size>0|[1-9][0-9]{0,15})\\n(?<root>${HASH})\\nchain (?<chain>${HASH})\\ntime (?<time>[0-9:.TZ-]{20,30})\\n$`,
);

/** What a checkpoint's text says; only for what is trusted otherwise. */
export function readCheckpoint(text: string): Checkpoint | null {
  const { origin, size, root, chain, time } = TEXT.exec(text)?.groups ?? {};
  const [rootBytes, chainBytes] = [base64Of(root ?? ''), base64Of(chain ?? '')];
  if (!(origin && size && rootBytes && chainBytes && time) || !Number.isSafeInteger(Number(size))) return null;
  return { origin, size: Number(size), root: rootBytes, chain: chainBytes, time };
}
