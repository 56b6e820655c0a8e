import { randomBytes, randomUUID } from 'node:crypto';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSealedFile, openKept } from '../../../main/documents/opened/sealed-file.ts';
import { binderKey, createBinderStore, type KeptBinder } from '../../../main/downtime/store.ts';
import { makePrivateFolder } from '../../../main/vault/durable.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wardlight-binders-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const cacheKey = randomBytes(32);

function storeOf(profileId = 'profile', key = binderKey(cacheKey)) {
  const create = (path: string, own: Parameters<typeof openKept>[1]) => createSealedFile(path, own, undefined, true);
  return createBinderStore({
    folder,
    profileId,
    key,
    files: { create, open: openKept },
    makeFolder: makePrivateFolder,
  });
}

const binderOf = (madeAt = '2026-03-01T10:00:00Z'): KeptBinder => ({
  id: randomUUID(),
  scope: { kind: 'list', query: '' },
  madeAt,
  asOf: null,
  pages: 3,
  patients: 1,
  withheld: 0,
  patientIds: ['canary-patient'],
});
const content = {
  html: '<p>Canary of the html</p>',
  pdf: Buffer.concat([Buffer.from('Canary of the pdf'), randomBytes(150_000)]),
};

describe('kept binders', () => {
  it('come back as they were after the program was gone, the newest first', async () => {
    const [older, newer] = [binderOf('2026-03-01T09:00:00Z'), binderOf()];
    await storeOf().keep(newer, content);
    await storeOf().keep(older, { html: '', pdf: Buffer.of(1) });
    expect(await storeOf().list()).toEqual([newer, older]);
    expect(await storeOf().read(newer.id)).toEqual(content);
    await storeOf().remove(newer.id);
    expect(await storeOf().list()).toEqual([older]);
  });

  it('security: are ciphertext on the disk, also what they are about, for their owner alone', async () => {
    const one = binderOf();
    await storeOf().keep(one, content);
    const path = join(folder, one.id);
    const bytes = readFileSync(path);
    for (const canary of ['Canary of the html', 'Canary of the pdf', 'canary-patient', 'madeAt', '%PDF']) {
      expect(bytes.includes(canary)).toBe(false);
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('security: are not opened cut off, changed, of another profile, another key or under another name', async () => {
    const one = binderOf();
    await storeOf().keep(one, content);
    const path = join(folder, one.id);
    const whole = readFileSync(path);
    expect(await storeOf('other').read(one.id)).toBeNull();
    expect(await storeOf('profile', binderKey(randomBytes(32))).read(one.id)).toBeNull();
    const name = randomUUID();
    copyFileSync(path, join(folder, name));
    expect(await storeOf().read(name)).toBeNull();
    // Between two chunks, where each that is left is whole.
    truncateSync(path, 2 * (65_536 + 16));
    expect(await storeOf().read(one.id)).toBeNull();
    for (const at of [0, 70_000, whole.length - 1]) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(path, changed);
      expect(await storeOf().read(one.id)).toBeNull();
    }
  });

  it('that can’t be read are removed, as they can be made anew; so is what was never finished', async () => {
    const [good, bad] = [binderOf(), binderOf()];
    await storeOf().keep(good, content);
    await storeOf('other').keep(bad, content);
    writeFileSync(join(folder, `${randomUUID()}.part`), 'cut off');
    expect(await storeOf().list()).toEqual([good]);
    expect(readdirSync(folder)).toEqual([good.id]);
  });
});
