import { createCipheriv, createHash, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { argon2id } from 'hash-wasm';
import { describe, expect, it } from 'vitest';
import { type KdfParameters, passphraseKey } from '../../../main/vault/crypto.ts';
import { newSecret } from '../../../main/vault/slots.ts';
import { openUncounted } from '../../support/slots.ts';
import { temporaryFolder } from './support.ts';

const cheap = { algorithm: 'argon2id', memoryKiB: 8_192, passes: 1, parallelism: 1 } as const;
const passphrase = 'Zürich-Ward 7 ☕';

interface Slot {
  id: string;
  kind: string;
  kdf: KdfParameters;
  cacheKey?: Box;
  outboxKey?: Box;
  cacheKeys?: Box[];
  outboxKeys?: Box[];
}

interface Box {
  nonce: string;
  ciphertext: string;
  tag: string;
}

interface Content {
  version: number;
  profile: string;
  deviceSecretCheck: string;
  slots: Slot[];
}

const hkdf = (secret: Uint8Array, salt: Uint8Array, info: string, length: number) =>
  Buffer.from(hkdfSync('sha256', secret, salt, info, length));

/**
 * The slot file's format written a second time, from its description and with another Argon2, at the lowest cost that
 * is accepted: what is on a clinician's disk must open with later versions of the program too.
 */
async function makeFile(version: 1 | 2 | 3 = 3) {
  const file = join(temporaryFolder(), 'slots.json');
  const [profile, id] = [randomUUID(), randomUUID()];
  const [deviceSecret, cacheKey, outboxKey] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const salt = randomBytes(16);
  const kdf: KdfParameters = { ...cheap, salt: salt.toString('base64') };
  const typed = await argon2id({
    password: passphrase.normalize('NFC'),
    salt,
    iterations: kdf.passes,
    parallelism: kdf.parallelism,
    memorySize: kdf.memoryKiB,
    hashLength: 32,
    outputType: 'binary',
  });
  const costs = [kdf.algorithm, kdf.memoryKiB, kdf.passes, kdf.parallelism, kdf.salt];
  const context = (of: string) =>
    JSON.stringify(['wardlight slot v1', profile, id, 'passphrase', ...costs, `${of} key`]);
  const slotKey = hkdf(typed, deviceSecret, context('cache'), 32);
  const box = (of: string, key: Buffer): Box => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', slotKey, nonce);
    cipher.setAAD(Buffer.from(context(of)));
    const ciphertext = Buffer.concat([cipher.update(key), cipher.final()]).toString('base64');
    return { nonce: nonce.toString('base64'), ciphertext, tag: cipher.getAuthTag().toString('base64') };
  };
  const content: Content = {
    version,
    profile,
    deviceSecretCheck: hkdf(deviceSecret, Buffer.from(profile), 'wardlight device secret check v1', 16).toString(
      'base64',
    ),
    slots: [
      {
        id,
        kind: 'passphrase',
        kdf,
        ...(version < 3 && { cacheKey: box('cache', cacheKey) }),
        ...(version === 2 && { outboxKey: box('outbox', outboxKey) }),
        ...(version === 3 && { cacheKeys: [box('cache', cacheKey)], outboxKeys: [box('outbox', outboxKey)] }),
      },
    ],
  };
  const write = (changed: unknown) => writeFileSync(file, sealedText(JSON.stringify(changed)));
  write(content);
  const open = (change: Partial<Parameters<typeof openUncounted>[0]> = {}) =>
    openUncounted({ file, profile, deviceSecret, passphrase, ...change });
  return { file, profile, deviceSecret, cacheKey, outboxKey, content, write, open };
}

/** The envelope with a checksum that fits: an attacker can compute it, an accident doesn't. */
function sealedText(content: string): string {
  return JSON.stringify({ checksum: createHash('sha256').update(content).digest('hex'), content });
}

const code = (answer: Awaited<ReturnType<typeof openUncounted>>) => (answer.ok ? 'opened' : answer.error.code);

describe('the slot file', () => {
  it.each([2, 3] as const)(
    'opens to the same keys when it was written by another implementation of its format (version %d)',
    async (version) => {
      const { open, cacheKey, outboxKey } = await makeFile(version);
      const opened = await open();
      expect(opened).toMatchObject({
        ok: true,
        value: {
          keys: { cacheKeys: [cacheKey], outboxKeys: [outboxKey] },
          outdated: version < 3,
          content: { version: 3 },
        },
      });
    },
  );

  it('does not open with another passphrase, however near', async () => {
    const { open } = await makeFile();
    for (const typed of ['', `${passphrase} `, passphrase.toUpperCase(), passphrase.slice(0, -1), '\0']) {
      expect(code(await open({ passphrase: typed }))).toBe('passphrase-wrong');
    }
  });

  it('opens with a passphrase that a keyboard composes differently (NFC)', async () => {
    const { open } = await makeFile();
    expect(passphrase.normalize('NFD')).not.toBe(passphrase);
    expect(code(await open({ passphrase: passphrase.normalize('NFD') }))).toBe('opened');
  });

  it('tells a wrong device secret before it stretches the passphrase, whether that is right or wrong', async () => {
    const { open } = await makeFile();
    const deviceSecret = newSecret();
    expect(code(await open({ deviceSecret }))).toBe('keyring-entry-wrong');
    expect(code(await open({ deviceSecret, passphrase: 'wrong' }))).toBe('keyring-entry-wrong');
  });

  it('tells a file of a newer version, even of a shape that is not known yet', async () => {
    const { open, write } = await makeFile();
    write({ version: 4, somethingElse: true });
    expect(code(await open())).toBe('slots-newer');
  });

  it('is damaged, not newer and not open, where its version is none', async () => {
    const { open, write, content } = await makeFile();
    for (const version of [0, -1, '2', null, undefined, 1.5, 1, Number.NaN]) {
      write({ ...content, version });
      expect(['slots-damaged', 'slots-newer']).toContain(code(await open()));
    }
  });

  it('is damaged where it is missing, empty or a folder', async () => {
    const { file, open } = await makeFile();
    expect(code(await open({ file: `${file}.gone` }))).toBe('slots-damaged');
    expect(code(await open({ file: join(file, '..') }))).toBe('slots-damaged');
    writeFileSync(file, '');
    expect(code(await open())).toBe('slots-damaged');
  });
});

describe('a slot file of before there was an outbox', () => {
  it('gets a key for the outbox, which is to be written before it is used', async () => {
    const { open, cacheKey, write } = await makeFile(1);
    const first = await open();
    if (!first.ok) throw new Error(first.error.code);
    const { keys, content, unsaved } = first.value;
    expect(keys.cacheKeys).toEqual([cacheKey]);
    expect(keys.outboxKeys[0]).toHaveLength(32);
    expect(keys.outboxKeys[0]).not.toEqual(cacheKey);
    expect(unsaved).toBe(true);
    write(content);
    expect(await open()).toMatchObject({ ok: true, value: { keys, unsaved: false, outdated: false } });
    expect(code(await open({ passphrase: 'wrong' }))).toBe('passphrase-wrong');
  });
});

describe('security: damage to the slot file', () => {
  it('security: one changed byte anywhere never opens, and reads as damage rather than a wrong passphrase', async () => {
    const { file, open } = await makeFile();
    const whole = readFileSync(file);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const damaged = Buffer.from(whole);
        damaged[at] = damaged[at]! ^ flip;
        writeFileSync(file, damaged);
        expect(code(await open())).toBe('slots-damaged');
      }),
      { numRuns: 300 },
    );
  });

  it('security: a file cut off at any byte never opens', async () => {
    const { file, open } = await makeFile();
    const whole = readFileSync(file);
    for (let length = 0; length < whole.length; length += 7) {
      writeFileSync(file, whole.subarray(0, length));
      expect(code(await open())).toBe('slots-damaged');
    }
  });

  it('security: arbitrary bytes and arbitrary JSON never open and never throw', async () => {
    const { file, open } = await makeFile();
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.json(),
      fc.json().map(sealedText),
      fc
        .record({ version: fc.anything(), profile: fc.anything(), slots: fc.anything() })
        .map((value) =>
          sealedText(JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `${item}` : item))),
        ),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (content) => {
        writeFileSync(file, content);
        expect(['slots-damaged', 'slots-newer']).toContain(code(await open()));
      }),
      { numRuns: 200 },
    );
  });

  it('security: a bit changed by someone who also mends the checksum never opens and never throws', async () => {
    const { file, open, content } = await makeFile();
    const text = JSON.stringify(content);
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.constantFrom(...'AZ09a+/=f"'), async (at, char) => {
        fc.pre(text[at] !== char);
        const changed = text.slice(0, at) + char + text.slice(at + 1);
        // `kdf` costs of many GiB are bounded by the schema, and tried below; here they would only take time.
        fc.pre(!/"memoryKiB":\d{6,}|"passes":\d{2,}/.test(changed));
        // Base64 has spare bits at its end: other letters, the same bytes.
        fc.pre(!sameBytes(changed, content));
        writeFileSync(file, sealedText(changed));
        expect(['slots-damaged', 'slots-newer', 'keyring-entry-wrong', 'passphrase-wrong']).toContain(
          code(await open()),
        );
      }),
      { numRuns: 60 },
    );
  });

  it.each([0, 3, 7, 15, 65, 3_000])('security: a salt of %d bytes is damage, and does not throw', async (length) => {
    const salt = Buffer.alloc(length).toString('base64');
    const { open, write, content } = await makeFile();
    const [slot] = content.slots;
    write({ ...content, slots: [{ ...slot, kdf: { ...slot!.kdf, salt } }] });
    expect(code(await open())).toBe('slots-damaged');
  });
});

describe('security: slots that were moved or weakened', () => {
  it('security: a slot file of another profile does not open, with that profile’s own secret and passphrase', async () => {
    const { open, content, write } = await makeFile();
    const other = randomUUID();
    expect(code(await open({ profile: other }))).toBe('slots-damaged');
    write({ ...content, profile: other });
    expect(code(await open({ profile: other }))).toBe('keyring-entry-wrong');
  });

  it('security: a slot that was moved to another profile of the same keychain entry does not open', async () => {
    const { open, content, write, deviceSecret } = await makeFile();
    const other = randomUUID();
    const check = hkdf(deviceSecret, Buffer.from(other), 'wardlight device secret check v1', 16).toString('base64');
    write({ ...content, profile: other, deviceSecretCheck: check });
    expect(code(await open({ profile: other }))).toBe('passphrase-wrong');
  });

  it('security: costs of the passphrase key that were changed in the file do not open it', async () => {
    const { open, content, write } = await makeFile();
    const [slot] = content.slots;
    for (const change of [{ memoryKiB: 8_193 }, { passes: 2 }, { parallelism: 2 }]) {
      write({ ...content, slots: [{ ...slot, kdf: { ...slot!.kdf, ...change } }] });
      expect(code(await open())).toBe('passphrase-wrong');
    }
  });

  it.each([{ memoryKiB: 8_191 }, { memoryKiB: 8 }, { passes: 0 }, { parallelism: 0 }, { algorithm: 'argon2i' }])(
    'security: costs below the floor or of another algorithm (%j) are refused without being tried',
    async (change) => {
      const { open, content, write } = await makeFile();
      const [slot] = content.slots;
      write({ ...content, slots: [{ ...slot, kdf: { ...slot!.kdf, ...change } }] });
      expect(code(await open())).toBe('slots-damaged');
    },
  );

  it('security: a slot beside the right one does not stand in for it, and does not hinder it', async () => {
    const { open, content, write, cacheKey, outboxKey } = await makeFile();
    const [slot] = content.slots;
    write({ ...content, slots: [{ ...slot!, id: randomUUID() }, slot] });
    expect(await open()).toMatchObject({
      ok: true,
      value: { keys: { cacheKeys: [cacheKey], outboxKeys: [outboxKey] } },
    });
    write({ ...content, slots: [{ ...slot!, id: randomUUID() }] });
    expect(code(await open())).toBe('passphrase-wrong');
  });
});

describe('the passphrase key', () => {
  it.each([{ ...cheap }, { ...cheap, memoryKiB: 16_384, passes: 3 }, { ...cheap, passes: 2, parallelism: 2 }])(
    'is Argon2id as another implementation computes it (%j)',
    async (costs) => {
      const salt = randomBytes(16);
      const mine = await passphraseKey(passphrase, { ...costs, salt: salt.toString('base64') });
      const theirs = await argon2id({
        password: passphrase,
        salt,
        iterations: costs.passes,
        parallelism: costs.parallelism,
        memorySize: costs.memoryKiB,
        hashLength: 32,
        outputType: 'hex',
      });
      expect(mine.toString('hex')).toBe(theirs);
    },
  );
});

function sameBytes(changed: string, content: Content): boolean {
  try {
    const values = (value: unknown): string[] =>
      typeof value === 'object' && value !== null ? Object.values(value).flatMap(values) : [String(value)];
    const bytes = (text: string) => Buffer.from(text, 'base64').toString('hex');
    const [mine, theirs] = [values(JSON.parse(changed)), values(content)];
    return mine.length === theirs.length && mine.every((value, at) => bytes(value) === bytes(theirs[at] ?? ''));
  } catch {
    return false;
  }
}
