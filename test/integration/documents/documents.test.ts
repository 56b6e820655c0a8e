import { createHmac, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccess } from '../../../main/access/access.ts';
import { createFiles } from '../../../main/access/files.ts';
import { defaultBundle } from '../../../main/access/policy/defaults.ts';
import type { AuditEntry } from '../../../main/audit/events/entry.ts';
import { createAttaching } from '../../../main/documents/attaching.ts';
import { createIntake } from '../../../main/documents/intake/intake.ts';
import type { DocumentKeys } from '../../../main/documents/keys/keys.ts';
import { clearHandedOver, createLeaving } from '../../../main/documents/leaving.ts';
import { createOpening } from '../../../main/documents/opening.ts';
import { createReadDocument } from '../../../main/documents/reading.ts';
import { createDocumentsService } from '../../../main/documents/service.ts';
import { documentsSchema } from '../../../main/managed/documents.ts';
import { newDocument } from '../../../main/writing/documents.ts';
import { readAttached } from '../../../main/writing/envelope.ts';
import type { Transfer } from '../../../preload/contract/documents.ts';
import { pdfOf } from '../../support/files.ts';
import { listOf } from '../../unit/audit/support.ts';
import { engineOf } from '../access/bridge.ts';
import { bring, openWard, type Ward, type WardPatient } from '../access/ward.ts';
import { sealedKeys, type TestKey, testKey } from './format/support.ts';

const mine: WardPatient = { id: 'mine', relation: 'care-team', label: 'none' };
const other: WardPatient = { id: 'other', relation: 'care-team', label: 'none' };
const foreign: WardPatient = { id: 'foreign', relation: 'none', label: 'none' };

const folder = mkdtempSync(join(tmpdir(), 'wardlight-documents-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const REPORT = pdfOf(3, 'Wound review');
const picked = join(folder, 'report.pdf');
writeFileSync(picked, REPORT);

const policy = documentsSchema.parse({
  ...{ organisation: ['pinned'], signingKey: 'pinned', keyService: 'https://keys.example' },
  ...{ saveAs: true, openWith: true },
});

let ward: Ward;
let organisation: TestKey;
let device: TestKey;
beforeAll(async () => {
  ward = await openWard([mine, other, foreign]);
  [organisation, device] = [testKey(), testKey()];
});
afterAll(() => ward.close());

interface Options {
  /** False: the record of access can't be written. */
  recording?: boolean;
  managed?: boolean;
  /** The disk is full once the file is encrypted. */
  full?: boolean;
  /** Cedar policies beside those that Wardlight ships. */
  more?: string;
  /** Keys that this workstation has; without any the key service is asked. */
  own?: readonly TestKey[];
}

/** A workstation of Dr A on the ward: the product's parts, with keys and dialogs handed in. */
function workstation({ recording = true, managed = false, full = false, more = '', own = [device] }: Options = {}) {
  const root = mkdtempSync(join(folder, 'station-'));
  const at = (name: string) => join(root, name);
  for (const name of ['spool', 'opened']) mkdirSync(at(name));
  const entries: (AuditEntry & { readonly spooled: number })[] = [];
  const audit = {
    async record(given: AuditEntry | readonly AuditEntry[]) {
      if (!recording) return { ok: false, error: { code: 'audit-unavailable' } } as const;
      // What lay on the disk when it was recorded.
      entries.push(...listOf(given).map((one) => ({ ...one, spooled: readdirSync(at('spool')).length })));
      return { ok: true, value: undefined } as const;
    },
  };
  const { cache } = ward;
  const practitioner = 'Practitioner/dr';
  let grant: { kind: 'emergency'; purpose: 'BTG' } | null = null;
  const access = createAccess({
    cache,
    engine: engineOf(defaultBundle.policies + more),
    practitioner,
    scopes: () => null,
    conditions: () => ({ offline: false, managed, hour: 10 }),
    grantOf: () => grant,
    now: () => '2026-03-01T10:00:00Z',
  });
  const shared = { audit, cache, practitioner, display: 'Dr A', server: 'https://s', newId: randomUUID };
  const now = () => Date.parse('2026-03-01T10:00:00Z');
  const files = createFiles({ ...shared, access, now, offsetMinutes: () => 0 });
  const asked: { emergency: boolean | undefined }[] = [];
  const process = createDocumentsService({ intake: createIntake(), newId: randomUUID });
  const keys: Pick<DocumentKeys, 'ready' | 'recipientsFor' | 'pseudonym' | 'thumbprints' | 'sealedKeys' | 'rewrap'> = {
    ready: async () => ({ ok: true, value: { thumbprint: device.recipient.thumbprint, expires: '2027-01-01' } }),
    recipientsFor: async () => ({ ok: true, value: [organisation.recipient, device.recipient] }),
    pseudonym: async (field, value) => ({
      ok: true,
      value: createHmac('sha256', 'context key').update(`${field}:${value}`).digest('base64url'),
    }),
    thumbprints: async () => own.map(({ recipient }) => recipient.thumbprint),
    sealedKeys: () =>
      sealedKeys(
        process,
        own.map(({ jwk }) => jwk),
      ),
    async rewrap(_header, { emergency } = {}) {
      asked.push({ emergency });
      return { ok: false, error: { code: 'key-service-refused' } };
    },
  };
  const attaching = createAttaching({
    ...{ files, keys, process, policy, accessPolicy: '7', newId: randomUUID },
    pick: async () => ({ path: picked, size: REPORT.length }),
    spoolOf: (documentId) => join(at('spool'), documentId),
    compose: async ({ kind, title, spooled, context }, { writing }) => ({
      ok: true,
      value: newDocument({ kind, title, file: spooled.kind, spooled, context }, writing),
    }),
    async keep({ patientId, documentId, body, title, changedAt }) {
      if (full) return { ok: false, error: { code: 'disk-full' } };
      const change = {
        type: 'DocumentReference',
        action: 'create',
        baseVersionId: null,
        author: practitioner,
      } as const;
      const added = await cache.outbox.add({ ...change, patientId, resourceId: documentId, body, title, changedAt });
      return added.ok ? { ok: true, value: null } : { ok: false, error: { code: 'store-failed' } };
    },
    discard: async (spool) => rmSync(spool, { force: true }),
    after: () => () => undefined,
  });
  const opening = createOpening({
    ...{ files, keys, process, newId: randomUUID, limits: policy, onProgress: () => undefined },
    readDocument: createReadDocument(readAttached),
    ciphertextOf: async (_file, { localId }) => ({ ok: true, value: join(at('spool'), localId) }),
    forget: async ({ localId }) => void forgotten.push(localId),
    temporaryOf: (task) => join(at('opened'), task),
  });
  const handed: string[] = [];
  const forgotten: string[] = [];
  const leaving = createLeaving({
    ...{ files, opening, process, policy, folder: at('handed-over') },
    askWhere: async (name) => at(name),
    async openPath(path) {
      handed.push(path);
      return true;
    },
    makeFolder: async (path) => void mkdirSync(path, { recursive: true }),
  });
  return {
    ...{ files, attaching, opening, leaving, entries, asked, handed, forgotten, at },
    async attach(patientId: string, title = 'Wound review') {
      const pick = await attaching.pick(patientId);
      if (!pick.ok || !pick.value) throw new Error('nothing was picked');
      const { pickId } = pick.value;
      return attaching.attach({ patientId, pickId, kind: 'report', title }, () => undefined);
    },
    /** Declares an emergency, or ends it. */
    emergency: (declared: boolean) => {
      grant = declared ? { kind: 'emergency', purpose: 'BTG' } : null;
    },
  };
}

/** The ciphertext of a document, wherever it was spooled. */
function ciphertextOf(documentId: string): Buffer {
  const station = readdirSync(folder).find((name) => existsSync(join(folder, name, 'spool', documentId)));
  return readFileSync(join(folder, station ?? '', 'spool', documentId));
}

async function attached(station: ReturnType<typeof workstation>, patientId: string): Promise<string> {
  const done = await station.attach(patientId);
  if (!done.ok) throw new Error(done.error.code);
  return done.value.documentId;
}

describe('a file of a patient', () => {
  it('is encrypted for its recipients, and opens as it was', async () => {
    const station = workstation();
    const documentId = await attached(station, 'mine');
    const opened = await station.opening.open({ patientId: 'mine', documentId });
    if (!opened.ok) throw new Error(opened.error.code);
    const { handle, size, contentType } = opened.value;
    expect({ size, contentType }).toEqual({ size: REPORT.length, contentType: 'application/pdf' });
    expect(Buffer.from((await station.opening.read(handle, 0, size)) ?? [])).toEqual(REPORT);
    await station.opening.closeAll();
    expect(await station.opening.read(handle, 0, 1)).toBeNull();
    expect(readdirSync(station.at('opened'))).toEqual([]);
  });

  it('security: is recorded with what it is bound to before it is encrypted, and before it is opened', async () => {
    const station = workstation();
    const documentId = await attached(station, 'mine');
    await station.opening.open({ patientId: 'mine', documentId });
    const [made, opened] = station.entries;
    expect(made).toMatchObject({ action: 'create', patientId: 'mine', view: 'documents.attach', spooled: 0 });
    expect(opened).toMatchObject({ action: 'decrypt', patientId: 'mine', view: 'documents.open' });
    expect(opened?.encryption?.context).toEqual(made?.encryption?.context);
    expect(made?.encryption?.keyId.split(' ')).toEqual([organisation, device].map((one) => one.recipient.thumbprint));
  });

  it('security: names nobody in what stands in the clear in front of it', async () => {
    const station = workstation();
    await attached(station, 'mine');
    const { context = {} } = station.entries[0]?.encryption ?? {};
    expect(JSON.stringify(context)).not.toMatch(/mine|Practitioner|\bdr\b/);
    expect(context).toMatchObject({ v: '1', purpose: 'TREAT', policy: '7', created: '2026-03-01T10:00:00.000Z' });
  });

  it('security: that is not the clinician’s patient’s is neither attached nor opened, and that is recorded', async () => {
    const station = workstation();
    expect(await station.attach('foreign')).toEqual({ ok: false, error: { code: 'not-permitted' } });
    const opened = await station.opening.open({ patientId: 'foreign', documentId: 'foreign-DocumentReference' });
    expect(opened).toEqual({ ok: false, error: { code: 'not-permitted' } });
    expect(station.entries.map(({ action, attempted }) => [action, attempted])).toEqual([
      ['denied', 'upload'],
      ['denied', 'decrypt'],
    ]);
    expect(readdirSync(station.at('spool'))).toEqual([]);
  });

  it('security: that is on its way is told without its title once its patient may not be seen any longer', async () => {
    const station = workstation();
    station.emergency(true);
    const id = randomUUID();
    const transfer: Transfer = {
      ...{ id, patientId: 'foreign', documentId: await attached(station, 'foreign'), title: 'HIV report' },
      ...{ state: 'waiting', code: null, done: 0, total: 1, place: 1 },
    };
    const mine = { ...transfer, patientId: 'mine', documentId: await attached(station, 'mine') };
    expect(await station.files.shown([transfer, mine])).toEqual([transfer, mine]);
    // And to be given up is recorded with what the chart was opened for.
    await station.files.withdraw(transfer);
    expect(station.entries.at(-1)).toMatchObject({ action: 'withdraw', purpose: 'BTG', emergency: true });
    station.emergency(false);
    const masked = { ...transfer, documentId: id, title: 'A record' };
    expect(await station.files.shown([transfer, mine])).toEqual([masked, mine]);
  });

  it('security: of another patient is not found, though the clinician may read both', async () => {
    const station = workstation();
    const documentId = await attached(station, 'other');
    const opened = await station.opening.open({ patientId: 'mine', documentId });
    expect(opened).toEqual({ ok: false, error: { code: 'not-found' } });
  });

  it('security: is not attached where policy lets records be written and no files leave', async () => {
    const station = workstation({ more: '@id("no-files") forbid (principal, action == Action::"upload", resource);' });
    expect(await station.attach('mine')).toEqual({ ok: false, error: { code: 'not-permitted' } });
    expect(readdirSync(station.at('spool'))).toEqual([]);
  });

  it('security: what can’t be recorded is neither encrypted nor opened', async () => {
    const documentId = await attached(workstation(), 'mine');
    const station = workstation({ recording: false });
    expect(await station.attach('mine')).toMatchObject({ ok: false, error: { code: 'audit-unavailable' } });
    expect(readdirSync(station.at('spool'))).toEqual([]);
    const opened = await station.opening.open({ patientId: 'mine', documentId });
    expect(opened).toMatchObject({ ok: false, error: { code: 'audit-unavailable' } });
  });

  it('security: of one patient is not shown as another’s, whatever the server puts into the record', async () => {
    const station = workstation();
    const documentId = await attached(station, 'mine');
    const theirs = await attached(station, 'other');
    const { cache } = ward;
    const text = await cache.read.resource({ type: 'DocumentReference', id: documentId });
    const moved = (text ?? '')
      .replaceAll('Patient/mine', 'Patient/other')
      .replace(`"id":"${documentId}"`, '"id":"moved"');
    await bring(cache, {
      ...JSON.parse(moved),
      identifier: [],
      meta: { versionId: '1', lastUpdated: '2026-03-01T10:00:00Z' },
    });
    // Its ciphertext is there under the name that the record gives it.
    writeFileSync(join(station.at('spool'), 'moved'), ciphertextOf(documentId));
    const opened = await station.opening.open({ patientId: 'other', documentId: 'moved' });
    expect(opened).toMatchObject({ ok: false, error: { code: 'context-mismatch' } });
    expect(opened.ok ? [] : opened.error.differs).toEqual(expect.arrayContaining(['patient', 'document']));
    expect(readdirSync(station.at('opened'))).toEqual([]);
    expect(station.entries.at(-1)).toMatchObject({
      ...{ action: 'denied', attempted: 'decrypt', patientId: 'other' },
      details: { code: 'context-mismatch' },
    });
    expect((await station.opening.open({ patientId: 'other', documentId: theirs })).ok).toBe(true);
  });

  it('is not attached where the disk is full, and leaves nothing', async () => {
    const station = workstation({ full: true });
    expect(await station.attach('mine')).toEqual({ ok: false, error: { code: 'disk-full' } });
    expect(readdirSync(station.at('spool'))).toEqual([]);
  });

  it('that is damaged on the disk is not shown, and is fetched again the next time', async () => {
    const station = workstation();
    const documentId = await attached(station, 'mine');
    const damaged = ciphertextOf(documentId);
    damaged.writeUInt8(damaged.readUInt8(2_000) ^ 1, 2_000);
    writeFileSync(join(station.at('spool'), documentId), damaged);
    const opened = await station.opening.open({ patientId: 'mine', documentId });
    expect(opened).toMatchObject({ ok: false, error: { code: 'ciphertext-hash' } });
    expect(station.forgotten).toEqual([documentId]);
  });

  it('security: for which no key is here takes the key service, and what that says holds', async () => {
    const documentId = await attached(workstation(), 'mine');
    const station = workstation({ own: [testKey()] });
    const opened = await station.opening.open({ patientId: 'mine', documentId });
    expect(opened).toMatchObject({ ok: false, error: { code: 'key-service-refused' } });
    expect(station.asked).toEqual([{ emergency: false }]);
  });

  it('tells the key service of an emergency that was declared', async () => {
    const author = workstation();
    author.emergency(true);
    const documentId = await attached(author, 'foreign');
    const station = workstation({ own: [testKey()] });
    station.emergency(true);
    await station.opening.open({ patientId: 'foreign', documentId });
    expect(station.asked).toEqual([{ emergency: true }]);
  });

  it('security: closes when the access that opened it ends', async () => {
    const station = workstation();
    station.emergency(true);
    const documentId = await attached(station, 'foreign');
    const opened = await station.opening.open({ patientId: 'foreign', documentId });
    if (!opened.ok) throw new Error(opened.error.code);
    expect(await station.opening.read(opened.value.handle, 0, 4)).toHaveLength(4);
    station.emergency(false);
    expect(await station.opening.read(opened.value.handle, 0, 4)).toBeNull();
    expect(readdirSync(station.at('opened'))).toEqual([]);
  });

  it('security: leaves unencrypted only where policy lets it, recorded with where it went', async () => {
    const documentId = await attached(workstation(), 'mine');
    const saved: unknown[] = [];
    for (const managed of [false, true]) {
      const station = workstation({ managed });
      writeFileSync(join(station.at('spool'), documentId), ciphertextOf(documentId));
      const opened = await station.opening.open({ patientId: 'mine', documentId });
      if (!opened.ok) throw new Error(opened.error.code);
      saved.push(await station.leaving.saveAs(opened.value.handle), existsSync(station.at('document.pdf')));
      const { action, attempted, details } = station.entries.at(-1) ?? {};
      saved.push([action, attempted, details?.recipient]);
    }
    expect(saved).toEqual([
      { ok: false, error: { code: 'not-permitted' } },
      false,
      ['denied', 'export', undefined],
      { ok: true, value: { name: 'document.pdf' } },
      true,
      ['export', undefined, 'file'],
    ]);
  });

  it('security: is handed to another program by a name that tells nothing, and is removed at the lock', async () => {
    const station = workstation({ managed: true });
    const documentId = await attached(station, 'mine');
    const opened = await station.opening.open({ patientId: 'mine', documentId });
    if (!opened.ok) throw new Error(opened.error.code);
    expect(await station.leaving.openWith(opened.value.handle)).toEqual({ ok: true, value: {} });
    const [path = ''] = station.handed;
    expect(basename(path)).toBe('document.pdf');
    expect(readFileSync(path)).toEqual(REPORT);
    expect(station.entries.at(-1)).toMatchObject({ action: 'export', details: { recipient: 'other-program' } });
    await station.leaving.clear();
    expect(existsSync(path)).toBe(false);
  });

  it('security: goes with the next start of the program, whosever profile it is and whoever unlocks', async () => {
    const profiles = mkdtempSync(join(folder, 'profiles-'));
    writeFileSync(join(profiles, 'no-folder'), '');
    for (const id of ['a', 'b']) {
      mkdirSync(join(profiles, id, 'documents', 'handed-over', 'handle'), { recursive: true });
      writeFileSync(join(profiles, id, 'documents', 'handed-over', 'handle', 'document.pdf'), REPORT);
      writeFileSync(join(profiles, id, 'profile.json'), '{}');
    }
    await clearHandedOver(profiles);
    const left = ['a', 'b'].map((id) => readdirSync(join(profiles, id), { recursive: true }).sort());
    expect(left).toEqual([
      ['documents', 'profile.json'],
      ['documents', 'profile.json'],
    ]);
    await clearHandedOver(join(profiles, 'missing'));
  });
});
