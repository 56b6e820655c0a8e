import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KeyStore } from '../vault/key-store.ts';

/**
 * Room on the disk that is taken beforehand, for what has to be recorded while the log can't be written: a full disk must
 * neither stop emergency access nor leave it without a trace.
 */
export interface Reserve {
  /** Takes the room, or finds what was kept there; false where it can't be used. */
  prepare(): Promise<boolean>;
  /** Keeps an event durably; false where there is no room. Only an urgent one gets the second half of it. */
  keep(event: string, urgent: boolean): Promise<boolean>;
  /** What is kept, oldest first. */
  kept(): Promise<readonly string[]>;
  /** Forgets the first `count` once they stand in the log, unless more were kept meanwhile. */
  clear(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface ReserveOptions {
  readonly file: string;
  readonly keyStore: Pick<KeyStore, 'get' | 'set'>;
  /** Bytes that are taken. */
  readonly room?: number;
}

const ACCOUNT = 'audit/reserve-key';
const KEY_BYTES = 32;
const SALT_BYTES = 32;
const LENGTH_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ROOM = 8 * 2 ** 20;

interface Opened {
  readonly handle: FileHandle;
  readonly key: Buffer;
  /** Of this filling: with each new salt everything before it can't be read any more. */
  sealing: Buffer;
  offset: number;
  readonly events: string[];
}

export function createReserve({ file, keyStore, room = ROOM }: ReserveOptions): Reserve {
  let opening: Promise<Opened | null> | null = null;
  let writing: Promise<unknown> = Promise.resolve();

  async function opened(): Promise<Opened | null> {
    opening ??= openReserve(file, keyStore, room).catch(() => null);
    const value = await opening;
    if (!value) opening = null;
    return value;
  }

  /** One write after the other. */
  function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = writing.then(work, work);
    writing = done.catch(() => undefined);
    return done;
  }

  return {
    prepare: async () => (await opened()) !== null,
    keep: (event, urgent) =>
      inTurn(async () => {
        const at = await opened();
        if (!at) return false;
        const frame = sealed(at.sealing, at.events.length, event);
        if (at.offset + frame.length > (urgent ? room : room / 2)) return false;
        try {
          await at.handle.write(frame, 0, frame.length, at.offset);
          await at.handle.datasync();
        } catch {
          return false;
        }
        at.offset += frame.length;
        at.events.push(event);
        return true;
      }),
    kept: async () => (await opened())?.events.slice() ?? [],
    clear: (count) =>
      inTurn(async () => {
        const at = await opened();
        if (!at || count === 0 || at.events.length !== count) return;
        const salt = randomBytes(SALT_BYTES);
        await at.handle.write(salt, 0, SALT_BYTES, 0);
        await at.handle.datasync();
        Object.assign(at, { sealing: sealingKey(at.key, salt), offset: SALT_BYTES });
        at.events.length = 0;
      }),
    close: () =>
      inTurn(async () => {
        await (await opening)?.handle.close();
        opening = null;
      }),
  };
}

async function openReserve(file: string, keyStore: ReserveOptions['keyStore'], room: number): Promise<Opened | null> {
  const stored = await keyStore.get(ACCOUNT);
  if (!stored.ok) return null;
  let key = Buffer.from(stored.value ?? '', 'base64');
  if (key.length !== KEY_BYTES) {
    key = randomBytes(KEY_BYTES);
    if (!(await keyStore.set(ACCOUNT, key.toString('base64'))).ok) return null;
    // What was kept by a key that is gone can't be read; it is not written over.
    if (existsSync(file)) await rename(file, `${file}.aside-${randomBytes(4).toString('hex')}`);
  }
  if (!existsSync(file)) await takeRoom(file, room);
  const handle = await open(file, constants.O_RDWR);
  const content = Buffer.alloc(room);
  await handle.read(content, 0, room, 0);
  const sealing = sealingKey(key, content.subarray(0, SALT_BYTES));
  return { handle, key, sealing, ...readFrames(sealing, content) };
}

/** Random bytes: a file of zeros might take no room. Beside it first, so that it is whole or not there. */
async function takeRoom(file: string, room: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const beside = `${file}.new`;
  await rm(beside, { force: true });
  const handle = await open(beside, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  try {
    await handle.writeFile(randomBytes(room));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
}

function sealingKey(key: Buffer, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, 'wardlight audit reserve v1', KEY_BYTES));
}

/** Bound to its place, so that none can be left out, moved or brought back. */
function placed(number: number): Buffer {
  const place = Buffer.alloc(LENGTH_BYTES);
  place.writeUInt32BE(number);
  return place;
}

function sealed(key: Buffer, number: number, event: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(placed(number));
  const body = Buffer.concat([nonce, cipher.update(event, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return Buffer.concat([placed(body.length), body]);
}

/** Up to the first that this key has not sealed: behind it is what was there before. */
function readFrames(key: Buffer, content: Buffer): { offset: number; events: string[] } {
  const events: string[] = [];
  let offset = SALT_BYTES;
  while (offset + LENGTH_BYTES <= content.length) {
    const length = content.readUInt32BE(offset);
    const body = content.subarray(offset + LENGTH_BYTES, offset + LENGTH_BYTES + length);
    if (length < NONCE_BYTES + TAG_BYTES || body.length < length) break;
    const event = unsealed(key, events.length, body);
    if (event === null) break;
    events.push(event);
    offset += LENGTH_BYTES + length;
  }
  return { offset, events };
}

function unsealed(key: Buffer, number: number, body: Buffer): string | null {
  const cipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, NONCE_BYTES));
  cipher.setAAD(placed(number));
  cipher.setAuthTag(body.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([cipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES)), cipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}
