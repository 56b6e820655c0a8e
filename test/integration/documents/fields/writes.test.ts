import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Access } from '../../../../main/access/access.ts';
import type { Audit } from '../../../../main/audit/audit.ts';
import type { AuditEntry } from '../../../../main/audit/events/entry.ts';
import type { Cache } from '../../../../main/cache/client.ts';
import type { FieldMark } from '../../../../main/cache/fields/layer.ts';
import { openDatabase } from '../../../../main/cache/open.ts';
import { outboxMigrations } from '../../../../main/cache/outbox/schema/index.ts';
import { openText, type Share } from '../../../../main/documents/fields/jwe.ts';
import { createReveal, type RevealRequest } from '../../../../main/documents/fields/reveal.ts';
import { createSealer, valueName } from '../../../../main/documents/fields/sealer.ts';
import type { Recipient } from '../../../../main/documents/types.ts';
import { composer } from '../../../../main/writing/composer.ts';
import { writingFor } from '../../../unit/access/support.ts';
import { newPair, type Pair } from '../../../unit/documents/fields/keys.ts';
import { seesAll } from '../../cache/support.ts';
import { everythingIn, type MarkedStation, mark, openMarked, outboxKey, wrapping } from './support.ts';

/* A clinician writes, and reads again, what policy marks. */

let mine: Pair;
let other: Pair;

beforeAll(async () => {
  [mine, other] = await Promise.all([newPair(), newPair()]);
});

const patient = (id = 'p') => JSON.stringify({ resourceType: 'Patient', id, name: [{ family: 'Ng' }] });
const marks = [
  mark('DocumentReference', 'content.attachment.data'),
  mark('DocumentReference', 'description'),
  mark('Observation', 'value'),
];
const data = (text: string) => Buffer.from(text).toString('base64');
const contextKey = 'key of the organisation';
const hmac = (kind: string, name: string) =>
  createHmac('sha256', contextKey).update(`${kind} ${name}`).digest('base64url');

interface Given {
  marked?: readonly FieldMark[];
  recipients?: Recipient[];
  hasContextKey?: boolean;
  allowed?: boolean;
  auditFails?: boolean;
  /** Another's, who is looked at by this clinician. */
  station?: MarkedStation;
}

/** Main's side of a station: what the page's calls get to. */
function clinician({
  marked = marks,
  recipients,
  hasContextKey = true,
  allowed = true,
  auditFails = false,
  station = openMarked(marked),
}: Given = {}) {
  station.learn(patient());
  const recorded: AuditEntry[] = [];
  const audit: Pick<Audit, 'record'> = {
    async record(entries) {
      recorded.push(...[entries].flat());
      return auditFails ? { ok: false, error: { code: 'audit-unavailable' } } : { ok: true, value: undefined };
    },
  };
  const grounds = { facts: { relation: 'care-team' } as never, roles: ['s|physician'] };
  const access = {
    decide: async () =>
      allowed
        ? { allowed, grounds, sight: seesAll.sight, basis: { purpose: 'ETREAT' }, holds: () => true }
        : { allowed, grounds, reason: 'policy' },
  } as unknown as Access;
  const later = (operations: object) =>
    new Proxy(operations, {
      get: (all, name) => async (args: never) => (all as never as Calls)[name as string]?.(args),
    });
  const cache = { read: later(station.read), outbox: later(station.outbox) } as unknown as Cache;
  const shared = { access, audit, cache, wrapping, practitioner: 'Practitioner/a', server: 'https://e.org' };
  const keysOf = (pair: Pair) => () => ({
    pseudonym: async (field: string, name: string) =>
      hasContextKey
        ? ({ ok: true, value: hmac(field, name) } as const)
        : ({ ok: false, error: { code: 'keys-not-ready' } } as const),
    recipientsFor: async () => ({ ok: true, value: recipients ?? [mine.recipient, other.recipient] }) as const,
    rewrapField: async () => ({ ok: false, error: { code: 'key-service-unreachable' } }) as const,
    openField: (jwe: string, expected: Parameters<typeof openText>[2], granted: readonly Share[] = []) =>
      openText(jwe, [pair.jwk], expected, granted),
  });
  const { writes } = writingFor({
    ...shared,
    composer,
    sealer: createSealer({ ...shared, fields: marked, keys: keysOf(mine), policy: '7' }),
    display: 'Dr A',
    now: () => Date.parse('2026-03-12T14:32:00Z'),
    offsetMinutes: () => 0,
    newId: () => '3f1c1a52-6a0f-4c4b-9a39-9d1f6d6f0a01',
    onWritten: () => undefined,
  });
  const revealWith = (pair: Pair) => createReveal({ ...shared, keys: keysOf(pair) });
  const reveal = (request: Partial<RevealRequest> = {}, pair = mine) =>
    revealWith(pair).revealField({ patientId: 'p', type: 'DocumentReference', id: 'd', path: DATA, ...request });
  return { station, writes, reveal, reveals: revealWith(mine), recorded };
}

type Calls = Record<string, (args: never) => unknown>;
const DATA = 'content.attachment.data';

/** What the outbox's file holds once it is decrypted. */
function outboxOf({ folder }: MarkedStation): string {
  const file = join(folder, 'outbox.db');
  const opened = openDatabase({ file, key: outboxKey(), mode: 'write', migrations: outboxMigrations });
  if (!opened.ok) throw new Error(opened.error.code);
  try {
    return everythingIn(opened.value);
  } finally {
    opened.value.close();
  }
}

const onServer = (more: object, attachment: object) =>
  JSON.stringify({
    resourceType: 'DocumentReference',
    id: 'd',
    meta: { versionId: '1' },
    status: 'current',
    subject: { reference: 'Patient/p' },
    type: { text: 'Session' },
    content: [{ attachment: { contentType: 'text/plain', ...attachment } }],
    ...more,
  });

describe('what policy marks in a record that a clinician writes', () => {
  it('security: is sealed before it is in the outbox, and masked in the chart at once', async () => {
    const { station, writes, recorded } = clinician();
    const written = await writes.createNote({ patientId: 'p', kind: 'progress', body: 'CANARY of a session' });
    expect(written).toMatchObject({ ok: true });
    for (const all of [outboxOf(station), everythingIn(station.db)]) {
      expect(all).toContain('Progress note');
      expect(all).not.toContain('CANARY');
      expect(all).not.toContain(data('CANARY of a session'));
    }
    const noteId = (written as { value: { noteId: string } }).value.noteId;
    expect(station.read.note({ patientId: 'p', noteId, ...seesAll })).toMatchObject({
      body: null,
      masked: 'encrypted',
    });
    const [entry] = recorded;
    expect(entry).toMatchObject({
      action: 'create',
      encryption: {
        context: { type: 'DocumentReference', purpose: 'ETREAT', policy: '7', role: 'physician' },
        keyId: `${mine.recipient.thumbprint} ${other.recipient.thumbprint}`,
      },
    });
    expect(JSON.stringify(entry?.encryption)).not.toContain('Patient/p');
  });

  it.each<[string, Given]>([
    ['a recipient', { recipients: [] }],
    ['the context key', { hasContextKey: false }],
    ['a sound key', { recipients: [{ kind: 'rsa', thumbprint: 'x', publicKey: 'none' }] }],
  ])('security: is not kept at all without %s', async (_what, given) => {
    const { station, writes, recorded } = clinician(given);
    expect(await writes.createNote({ patientId: 'p', kind: 'progress', body: 'CANARY' })).toEqual({
      ok: false,
      error: { code: 'fields-not-sealed' },
    });
    expect(outboxOf(station)).not.toContain(data('CANARY'));
    expect(station.outbox.counts()).toMatchObject({ waiting: 0 });
    expect(recorded).toEqual([]);
    const vital = await writes.recordVital({ patientId: 'p', kind: 'heart-rate', value: '72', diastolic: null });
    expect(vital).toMatchObject({ error: { code: 'fields-not-sealed' } });
  });

  it('is nothing where policy marks nothing', async () => {
    const { station, writes } = clinician({ marked: [], recipients: [] });
    expect(await writes.createNote({ patientId: 'p', kind: 'progress', body: 'plain' })).toMatchObject({ ok: true });
    expect(outboxOf(station)).toContain(data('plain'));
  });

  it('security: does not stand in the title of the change either', async () => {
    const { station, writes } = clinician();
    station.learn(onServer({ description: 'CANARY-title' }, { data: data('before') }));
    const amended = await writes.amendNote({ patientId: 'p', noteId: 'd', versionId: '1', body: 'after' });
    expect(amended).toMatchObject({ ok: true });
    expect(station.outbox.list({ limit: 1 }).items[0]?.title).toBe('Encrypted record');
  });

  it('is what was written last, where a sealed note is amended', async () => {
    const { station, writes, reveal } = clinician();
    const first = await writes.createNote({ patientId: 'p', kind: 'progress', body: 'first' });
    const id = (first as { value: { noteId: string } }).value.noteId;
    await writes.amendNote({ patientId: 'p', noteId: id, versionId: '', body: 'second' });
    expect(outboxOf(station)).not.toContain(data('second'));
    expect(await reveal({ id })).toEqual({ ok: true, value: { texts: ['second'] } });
  });

  it('leaves for the server as it was sealed, and is opened again under the id that the server gave', async () => {
    const { station, writes } = clinician();
    await writes.createNote({ patientId: 'p', kind: 'progress', body: 'to be read' });
    const [change] = station.outbox.queue();
    const [sent] = station.outbox.begin({ ids: [change?.id ?? ''], serverTime: null });
    const body = JSON.parse(sent?.body ?? '');
    expect(JSON.stringify(body)).not.toContain('fhir/StructureDefinition/kept');
    const stored = { ...body, id: 'server-1', meta: { ...body.meta, versionId: '1' } };
    const elsewhere = clinician();
    elsewhere.station.learn(JSON.stringify(stored));
    expect(await elsewhere.reveal({ id: 'server-1' }, other)).toEqual({ ok: true, value: { texts: ['to be read'] } });
    expect(everythingIn(elsewhere.station.db)).not.toContain(mine.recipient.thumbprint);
  });

  it('is compared as it is, and opened when it is asked for, when two have changed it', async () => {
    const { station, writes, reveals, recorded } = clinician();
    station.learn(onServer({}, { data: data('before') }));
    await writes.amendNote({ patientId: 'p', noteId: 'd', versionId: '1', body: 'mine' });
    station.learn(
      onServer({ meta: { versionId: '2', lastUpdated: '2027-01-01T00:00:00Z' } }, { data: data('theirs') }),
    );
    station.outbox.queue();
    const [item] = station.outbox.list({ limit: 1 }).items;
    expect(item).toMatchObject({ state: 'conflict' });
    const { fields = [] } = station.outbox.conflict({ id: item?.id ?? '' }) ?? {};
    const told = fields.find(({ path }) => path === 'content');
    const hidden = { kind: 'hidden', how: 'encrypted' };
    for (const side of ['base', 'mine', 'theirs'] as const) expect(told?.[side]?.[0]).toContainEqual(hidden);
    expect(told?.changedBy).toBe('both');
    for (const text of ['before', 'mine', 'theirs']) expect(outboxOf(station)).not.toContain(data(text));
    expect(JSON.stringify(fields)).not.toMatch(/valueBase64Binary|wardlight\.org/);
    expect(told?.encrypted).toEqual({ base: true, mine: true, theirs: true });
    expect(fields.find(({ path }) => path === 'docStatus')?.encrypted.mine).toBe(false);
    // Side by side, each when it is asked for, and each recorded.
    recorded.length = 0;
    for (const [side, text] of [
      ['base', 'before'],
      ['mine', 'mine'],
      ['theirs', 'theirs'],
    ] as const) {
      const shown = await reveals.revealConflict({ changeId: item?.id ?? '', side, path: 'content' });
      expect(shown).toEqual({ ok: true, value: { texts: [text] } });
    }
    expect(recorded.map(({ action, view }) => [action, view])).toEqual(Array(3).fill(['decrypt', 'sync.conflict']));
    expect(recorded[1]?.encryption?.keyId).toBe(mine.recipient.thumbprint);
    const none = { changeId: item?.id ?? '', side: 'mine', path: 'docStatus' } as const;
    expect(await reveals.revealConflict(none)).toEqual({ ok: false, error: { code: 'not-found' } });
  });

  it('security: is shown of a conflict only to who may see the record, and only once that is recorded', async () => {
    const { station, writes } = clinician();
    station.learn(onServer({}, { data: data('before') }));
    await writes.amendNote({ patientId: 'p', noteId: 'd', versionId: '1', body: 'CANARY' });
    station.learn(onServer({ meta: { versionId: '2', lastUpdated: '2027-01-01T00:00:00Z' } }, { data: data('x') }));
    station.outbox.queue();
    const changeId = station.outbox.list({ limit: 1 }).items[0]?.id ?? '';
    const asked = { changeId, side: 'mine', path: 'content' } as const;
    for (const [given, code] of [
      [{ allowed: false }, 'not-permitted'],
      [{ auditFails: true }, 'audit-unavailable'],
      [{}, null],
    ] as const) {
      const shown = await clinician({ ...given, station }).reveals.revealConflict(asked);
      expect(shown).toEqual(
        code === null ? { ok: true, value: { texts: ['CANARY'] } } : { ok: false, error: { code } },
      );
    }
  });

  it('security: is encrypted as a draft too, and no older draft passes for it', async () => {
    const { station } = clinician();
    const about = { patientId: 'p', resourceType: 'DocumentReference', resourceId: null, kind: 'progress' } as const;
    const draft = { ...about, versionId: '', title: 'Progress note', labels: null, sealed: true };
    const keep = (body: string, minute: number) =>
      station.outbox.keepDraft({ ...draft, body, changedAt: `2026-03-12T10:0${minute}:00.000Z` });
    keep('CANARY one', 1);
    const db = () => {
      const key = outboxKey();
      const opened = openDatabase({
        file: join(station.folder, 'outbox.db'),
        key,
        mode: 'write',
        migrations: outboxMigrations,
      });
      if (!opened.ok) throw new Error(opened.error.code);
      onTestFinished(() => void opened.value.close());
      return opened.value;
    };
    const { body: older } = db().prepare('SELECT body FROM draft').get() as { body: string };
    keep('CANARY two', 2);
    expect(outboxOf(station)).not.toContain('CANARY');
    expect(station.outbox.drafts({}).map(({ body }) => body)).toEqual(['CANARY two']);
    db().prepare('UPDATE draft SET body = ?').run(older);
    expect(() => station.outbox.drafts({})).toThrow();
  });

  it('is found by its hash where policy allows it, on another workstation too', async () => {
    const marked = [mark('DocumentReference', 'content.attachment.data', { blindIndex: true })];
    const { station, writes } = clinician({ marked });
    await writes.createNote({ patientId: 'p', kind: 'progress', body: 'same' });
    const [change] = station.outbox.queue();
    const [sent] = station.outbox.begin({ ids: [change?.id ?? ''], serverTime: null });
    const elsewhere = clinician({ marked });
    elsewhere.station.learn(JSON.stringify({ ...JSON.parse(sent?.body ?? ''), id: 'server-1' }));
    const find = (text: string) => {
      const asked = { type: 'DocumentReference', path: DATA, value: data(text) };
      const hash = hmac('value', valueName(asked.type, asked.path, asked.value));
      return elsewhere.station.read.findField({ ...asked, hash, wrapping: wrapping() });
    };
    expect(find('same')).toEqual([{ id: 'server-1', patientId: 'p' }]);
    expect(find('other')).toEqual([]);
  });

  it('and another field that somebody else has changed go together', async () => {
    const { station, writes } = clinician();
    const base = onServer({ category: [{ text: 'a' }] }, { data: data('before') });
    station.learn(base);
    await writes.amendNote({ patientId: 'p', noteId: 'd', versionId: '1', body: 'mine' });
    const meta = { versionId: '2', lastUpdated: '2027-01-01T00:00:00Z' };
    station.learn(onServer({ category: [{ text: 'b' }], meta }, { data: data('before') }));
    const [change] = station.outbox.queue();
    const [sent] = station.outbox.begin({ ids: [change?.id ?? ''], serverTime: null });
    expect(JSON.parse(sent?.body ?? '')).toMatchObject({ category: [{ text: 'b' }], docStatus: 'amended' });
    expect(sent?.body).not.toContain(data('mine'));
    expect(sent?.body).not.toContain('StructureDefinition/kept');
  });
});

describe('a field that is revealed', () => {
  it('is shown to the one view that asked, and recorded before', async () => {
    const { station, reveal, recorded } = clinician();
    station.learn(onServer({}, { data: data('what she said') }));
    expect(await reveal()).toEqual({ ok: true, value: { texts: ['what she said'] } });
    expect(recorded).toMatchObject([
      {
        action: 'decrypt',
        patientId: 'p',
        resource: 'DocumentReference/d',
        purpose: 'ETREAT',
        encryption: { algorithm: 'AES-256-GCM', context: { path: DATA } },
      },
    ]);
  });

  it('is told with what it was sealed for', async () => {
    const { writes, reveal, recorded } = clinician();
    await writes.recordVital({ patientId: 'p', kind: 'heart-rate', value: '72', diastolic: null });
    const request = { type: 'Observation', id: '3f1c1a52-6a0f-4c4b-9a39-9d1f6d6f0a01', path: 'value' };
    expect(await reveal(request, other)).toEqual({ ok: true, value: { texts: ['72 /min'] } });
    expect(recorded.at(-1)).toMatchObject({
      action: 'decrypt',
      encryption: {
        keyId: other.recipient.thumbprint,
        algorithm: 'RSA-OAEP-256 A256GCM',
        context: { path: 'valueQuantity', purpose: 'ETREAT' },
      },
    });
  });

  it('security: is not shown where that can’t be recorded', async () => {
    const { station, reveal } = clinician({ auditFails: true });
    station.learn(onServer({}, { data: data('CANARY') }));
    expect(await reveal()).toEqual({ ok: false, error: { code: 'audit-unavailable' } });
  });

  it('security: is not shown to who may not read the record, nor by another patient’s chart', async () => {
    const denied = clinician({ allowed: false });
    denied.station.learn(onServer({}, { data: data('CANARY') }));
    expect(await denied.reveal()).toEqual({ ok: false, error: { code: 'not-permitted' } });
    expect(denied.recorded).toMatchObject([{ action: 'denied', attempted: 'decrypt' }]);
    const { station, reveal, recorded } = clinician();
    station.learn(patient('q'), onServer({}, { data: data('CANARY') }));
    expect(await reveal({ patientId: 'q' })).toEqual({ ok: false, error: { code: 'not-found' } });
    expect(recorded).toMatchObject([{ action: 'read', patientId: 'q', details: { code: 'not-found' } }]);
  });

  it('security: of another patient’s record, put into this one, is refused by its name', async () => {
    const from = clinician();
    from.station.learn(patient('q'));
    await from.writes.createNote({ patientId: 'q', kind: 'progress', body: 'CANARY' });
    const [change] = from.station.outbox.queue();
    const [sent] = from.station.outbox.begin({ ids: [change?.id ?? ''], serverTime: null });
    const { content, meta } = JSON.parse(sent?.body ?? '');
    const { station, reveal, recorded } = clinician();
    station.learn(onServer({ content, meta: { ...meta, versionId: '1' } }, {}));
    expect(await reveal()).toEqual({ ok: false, error: { code: 'field-context-mismatch' } });
    expect(recorded).toMatchObject([{ action: 'read', details: { code: 'field-context-mismatch' } }]);
  });

  it('is not this one’s to open where it was sealed for others, and the key service isn’t there', async () => {
    const { writes, reveal } = clinician({ recipients: [other.recipient] });
    const written = await writes.createNote({ patientId: 'p', kind: 'progress', body: 'x' });
    const { noteId: id } = (written as { value: { noteId: string } }).value;
    expect(await reveal({ id })).toEqual({ ok: false, error: { code: 'key-service-unreachable' } });
  });

  it('is the whole around it where that is what is masked, and never a digest', async () => {
    const attachment = { data: data('inside'), hash: data('digest') };
    const whole = clinician({ marked: [mark('DocumentReference', 'content.attachment')] });
    whole.station.learn(onServer({}, attachment));
    expect(await whole.reveal()).toEqual({ ok: true, value: { texts: ['inside'] } });
    const part = clinician();
    part.station.learn(onServer({}, attachment));
    expect(await part.reveal()).toEqual({ ok: true, value: { texts: ['inside'] } });
  });

  it('is only what is masked', async () => {
    const { station, reveal } = clinician();
    station.learn(onServer({}, { data: data('x'), title: 'shown anyhow' }));
    expect(await reveal({ path: 'content.attachment.title' })).toMatchObject({ error: { code: 'not-found' } });
  });

  it('is none where nothing is there', async () => {
    const { station, reveal } = clinician();
    station.learn(onServer({}, {}));
    expect(await reveal()).toEqual({ ok: false, error: { code: 'not-found' } });
    expect(await reveal({ id: 'none' })).toEqual({ ok: false, error: { code: 'not-found' } });
  });
});
