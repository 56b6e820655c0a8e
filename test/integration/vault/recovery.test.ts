import { createHash, type KeyObject } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RecoverySlot, SlotFile } from '../../../main/vault/slot-file.ts';
import { slotText } from '../../../main/vault/slot-file.ts';
import {
  NOTE,
  newPlace,
  openDatabases,
  PASSPHRASE,
  profileWithNote,
  recoverOutbox,
  recoveryPair,
  temporaryFile,
  vaultOf,
} from './support.ts';

let organisation: ReturnType<typeof recoveryPair>;
let another: ReturnType<typeof recoveryPair>;
beforeAll(() => {
  organisation = recoveryPair();
  another = recoveryPair();
});

function pemFile(key: KeyObject, passphrase?: string): string {
  const file = temporaryFile('recovery.pem');
  const sealed = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  writeFileSync(file, key.export({ type: 'pkcs8', format: 'pem', ...sealed }), { mode: 0o600 });
  return file;
}

const recover = (folder: string, key: KeyObject, out = temporaryFile('unsent.json')) =>
  recoverOutbox(['--profile', folder, '--key', pemFile(key), '--out', out]);

const slotsOf = (folder: string) =>
  JSON.parse(JSON.parse(readFileSync(join(folder, 'slots.json'), 'utf8')).content) as SlotFile;
const recoverySlotOf = (folder: string) => slotsOf(folder).slots.find((slot) => slot.kind === 'recovery');
function changeSlots(folder: string, change: (slots: SlotFile) => SlotFile): void {
  writeFileSync(join(folder, 'slots.json'), slotText(change(slotsOf(folder))));
}
function withRecoverySlot(slots: SlotFile, slot: RecoverySlot): SlotFile {
  return { ...slots, slots: [...slots.slots.filter(({ kind }) => kind !== 'recovery'), slot] };
}

describe('unsent work after the keys were destroyed', () => {
  it('is recovered by the organisation’s key alone, into a file for its owner, and is not printed', async () => {
    const { profile, vault } = await profileWithNote(organisation.publicPem);
    expect((await vault.destroy(profile)).ok).toBe(true);
    expect(await vault.unlock(profile, PASSPHRASE)).toEqual({ ok: false, error: { code: 'keys-destroyed' } });
    const before = ['outbox.db', 'slots.json'].map((name) => digest(join(profile.folder, name)));
    const out = temporaryFile('unsent.json');
    const run = await recover(profile.folder, organisation.privateKey, out);
    expect(run).toMatchObject({ exit: 0, last: { ok: true, changes: 1, patients: 1, states: { waiting: 1 }, out } });
    expect(run.out + run.err).not.toContain(NOTE);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const bundle = JSON.parse(readFileSync(out, 'utf8'));
    expect(bundle).toMatchObject({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          fullUrl: expect.stringMatching(/^urn:uuid:/),
          resource: { resourceType: 'DocumentReference', description: NOTE },
          request: { method: 'POST', url: 'DocumentReference', ifNoneExist: expect.stringMatching(/^identifier=/) },
        },
      ],
    });
    expect(['outbox.db', 'slots.json'].map((name) => digest(join(profile.folder, name)))).toEqual(before);
  });

  it('is written as one Bundle a patient where the file is to be NDJSON, and never over another file', async () => {
    const { profile } = await profileWithNote(organisation.publicPem);
    const out = temporaryFile('unsent.ndjson');
    const args = ['--profile', profile.folder, '--key', pemFile(organisation.privateKey), '--out', out];
    expect((await recoverOutbox(args)).exit).toBe(0);
    const lines = readFileSync(out, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).entry.length)).toEqual([1]);
    expect((await recoverOutbox(args)).last).toEqual({ ok: false, code: 'out-exists' });
  });

  it('is recovered after changes of the keys while policy named no recovery key', async () => {
    const { profile, keyStore } = await profileWithNote(organisation.publicPem);
    for (let times = 0; times < 2; times += 1) {
      const rotated = await vaultOf({ keyStore }).rotate(profile, PASSPHRASE, {
        prepare: async () => undefined,
        onProgress: () => undefined,
      });
      expect(rotated).toMatchObject({ ok: true, value: { failure: null } });
      expect(await recover(profile.folder, organisation.privateKey)).toMatchObject({
        exit: 0,
        last: { ok: true, changes: 1 },
      });
    }
  });

  it('holds what was typed and not saved too, as a text for a person', async () => {
    const { profile, keys } = await profileWithNote(organisation.publicPem);
    const databases = openDatabases({ profile }, keys, false);
    if (typeof databases === 'string') throw new Error(databases);
    const draft = {
      patientId: 'p1',
      resourceType: 'DocumentReference',
      resourceId: null,
      kind: 'progress',
      versionId: '',
      title: 'Progress note',
    } as const;
    const kept = databases.outbox.keepDraft({
      ...draft,
      body: 'Half a thought.',
      changedAt: '2026-03-01T10:00:00Z',
      labels: null,
      sealed: false,
    });
    expect(kept.ok).toBe(true);
    databases.outbox.keepDraft({
      ...draft,
      resourceType: 'Observation',
      resourceId: 'o1',
      kind: null,
      title: 'Body temperature',
      body: { value: '38,', diastolic: null, unit: '°C' },
      changedAt: '2026-03-01T10:00:01Z',
      labels: null,
      sealed: false,
    });
    databases.close();
    const out = temporaryFile('unsent.json');
    expect((await recover(profile.folder, organisation.privateKey, out)).last).toMatchObject({ changes: 1, drafts: 2 });
    const { entry } = JSON.parse(readFileSync(out, 'utf8')) as { entry: { resource: { data?: string } }[] };
    const texts = entry.flatMap(({ resource }) =>
      resource.data ? Buffer.from(resource.data, 'base64').toString() : [],
    );
    expect(texts).toEqual([
      'Draft, not saved: Progress note of Patient/p1, last typed 2026-03-01T10:00:00Z\nHalf a thought.',
      `Draft, not saved: Body temperature for Observation/o1 of Patient/p1, last typed 2026-03-01T10:00:01Z
{"value":"38,","diastolic":null,"unit":"°C"}`,
    ]);
  });

  it('goes to the terminal only where that is asked for', async () => {
    const { profile } = await profileWithNote(organisation.publicPem);
    const run = await recover(profile.folder, organisation.privateKey, '-');
    expect(run.out).toContain(NOTE);
  });

  it('takes the passphrase of the key file from the terminal, and not from its arguments', async () => {
    const { profile } = await profileWithNote(organisation.publicPem);
    const key = pemFile(organisation.privateKey, 'hsm export 7');
    const args = ['--profile', profile.folder, '--key', key, '--out', temporaryFile('unsent.json')];
    expect((await recoverOutbox(args, 'wrong\n')).last).toEqual({ ok: false, code: 'recovery-passphrase-wrong' });
    const run = await recoverOutbox(args, 'hsm export 7\n');
    expect(run.last.ok).toBe(true);
    expect(run.out + run.err).not.toContain('hsm export 7');
  });
});

describe('security: what does not open for the recovery key', () => {
  const refusal = async (folder: string, key: KeyObject) => (await recover(folder, key)).last;

  it('security: another key', async () => {
    const { profile } = await profileWithNote(organisation.publicPem);
    expect(await refusal(profile.folder, another.privateKey)).toEqual({ ok: false, code: 'recovery-key-wrong' });
  });

  it('security: a profile that was not sealed for any', async () => {
    const { profile } = await profileWithNote();
    expect(await refusal(profile.folder, organisation.privateKey)).toEqual({
      ok: false,
      code: 'recovery-slot-missing',
    });
  });

  it('security: a damaged slot, and one of another profile', async () => {
    const mine = await profileWithNote(organisation.publicPem);
    const other = await profileWithNote(organisation.publicPem);
    const [slot, others] = [recoverySlotOf(mine.profile.folder)!, recoverySlotOf(other.profile.folder)!];
    const turned = Buffer.from(slot.outboxKeys[0]!, 'base64');
    turned[7] = turned[7]! ^ 1;
    for (const changed of [
      { ...slot, outboxKeys: [turned.toString('base64')] },
      { ...slot, check: others.check },
      others,
    ]) {
      changeSlots(mine.profile.folder, (slots) => withRecoverySlot(slots, changed));
      expect(await refusal(mine.profile.folder, organisation.privateKey)).toEqual({
        ok: false,
        code: 'recovery-slot-damaged',
      });
    }
    writeFileSync(join(mine.profile.folder, 'slots.json'), readFileSync(join(other.profile.folder, 'slots.json')));
    expect(await refusal(mine.profile.folder, organisation.privateKey)).toEqual({
      ok: false,
      code: 'recovery-other-profile',
    });
    writeFileSync(join(mine.profile.folder, 'slots.json'), '{');
    expect(await refusal(mine.profile.folder, organisation.privateKey)).toEqual({ ok: false, code: 'slots-damaged' });
  });

  it('security: the outbox of another profile in its place', async () => {
    const mine = await profileWithNote(organisation.publicPem);
    const other = await profileWithNote(organisation.publicPem);
    for (const name of ['outbox.db', 'outbox.db.kcv']) {
      writeFileSync(join(mine.profile.folder, name), readFileSync(join(other.profile.folder, name)));
    }
    expect(await refusal(mine.profile.folder, organisation.privateKey)).toEqual({
      ok: false,
      code: 'outbox-key-wrong',
    });
  });

  it('security: the recovery key opens the unsent work only, and no records', async () => {
    const { profile, keys } = await profileWithNote(organisation.publicPem);
    expect(JSON.stringify(recoverySlotOf(profile.folder))).not.toContain('cacheKey');
    expect(openDatabases({ profile }, { ...keys, cacheKey: keys.outboxKey })).toBe('cache-key-wrong');
  });
});

describe('the recovery key of the policy', () => {
  const thumbprint = (pair: ReturnType<typeof recoveryPair>): string =>
    createHash('sha256').update(pemBytes(pair.publicPem)).digest('hex');

  it('is sealed for at enrolment, and at the next unlock where policy brings or changes it', async () => {
    const { profile, keyStore } = await profileWithNote();
    expect(recoverySlotOf(profile.folder)).toBeUndefined();
    for (const pair of [organisation, another]) {
      expect((await vaultOf({ keyStore }, pair.publicPem).unlock(profile, PASSPHRASE)).ok).toBe(true);
      expect(recoverySlotOf(profile.folder)?.thumbprint).toBe(thumbprint(pair));
      expect(slotsOf(profile.folder).slots).toHaveLength(2);
    }
    const before = readFileSync(join(profile.folder, 'slots.json'), 'utf8');
    expect((await vaultOf({ keyStore }, another.publicPem).unlock(profile, PASSPHRASE)).ok).toBe(true);
    // Where nothing changes nothing is written, and no policy ends what was recoverable.
    expect((await vaultOf({ keyStore }, null).unlock(profile, PASSPHRASE)).ok).toBe(true);
    expect(readFileSync(join(profile.folder, 'slots.json'), 'utf8')).toBe(before);
  });

  it('security: a slot that somebody has changed is made anew at the next unlock', async () => {
    const { profile, keyStore } = await profileWithNote(organisation.publicPem);
    const slot = recoverySlotOf(profile.folder)!;
    changeSlots(profile.folder, (slots) => withRecoverySlot(slots, { ...slot, outboxKeys: ['AAAA'] }));
    expect((await vaultOf({ keyStore }, organisation.publicPem).unlock(profile, PASSPHRASE)).ok).toBe(true);
    expect(recoverySlotOf(profile.folder)?.outboxKeys[0]).toHaveLength(512);
  });

  const useless: readonly (readonly [string, () => string])[] = [
    ['recovery-key-weak', () => recoveryPair(2_048).publicPem],
    ['recovery-key-invalid', () => 'nonsense'],
    ['recovery-key-invalid', () => String(organisation.privateKey.export({ type: 'pkcs8', format: 'pem' }))],
  ];

  it.each(useless)('%s: nobody is enrolled, and who is goes on', async (code, pem) => {
    const fresh = newPlace();
    expect(await vaultOf(fresh, pem()).enrol(fresh.profile, PASSPHRASE)).toEqual({ ok: false, error: { code } });
    const { profile, keyStore } = await profileWithNote(organisation.publicPem);
    expect((await vaultOf({ keyStore }, pem()).unlock(profile, PASSPHRASE)).ok).toBe(true);
    expect(recoverySlotOf(profile.folder)?.thumbprint).toBe(thumbprint(organisation));
  });
});

function pemBytes(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
}

function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
