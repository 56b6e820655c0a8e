import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readEnvelope } from '../../../../main/writing/envelope.ts';
import type { DevServer } from '../../../server/index.ts';
import { bytesOf, CHUNK, PATIENT, spooledOf } from './station.ts';
import { answering, filesIn, serverWith, stationAt, stored, uploads } from './support.ts';

let tus: DevServer;
let plain: DevServer;

beforeAll(async () => {
  tus = await serverWith(true);
  plain = await serverWith(false);
});
beforeEach(() => {
  for (const server of [tus, plain]) {
    server.faults.clear();
    server.requests.length = 0;
  }
});
afterAll(() => Promise.all([tus.stop(), plain.stop()]));

const ways = [
  { way: 'by tus', server: () => tus },
  { way: 'as Binary', server: () => plain },
];

describe.each(ways)('a file that is sent $way', ({ server: serverOf }) => {
  it('is on the server once, to the byte, with a record that says where, and is gone from the spool', async () => {
    const server = serverOf();
    const station = await stationAt(server);
    const bytes = bytesOf(3 * CHUNK + 5);
    const id = await station.attach(bytes);
    expect(await station.sync()).toEqual({ files: { ok: true }, changes: true });
    const [only, ...others] = await stored(server, id);
    expect(others).toEqual([]);
    expect(only?.bytes.equals(bytes)).toBe(true);
    expect(await station.queue.list()).toEqual([]);
    expect(station.spooled()).toEqual([]);
    expect(await station.queue.spoolOf(id)).toBeNull();
  });

  it('security: is recorded before its first byte leaves, and stays where it can’t be', async () => {
    const server = serverOf();
    const told: unknown[] = [];
    let canRecord = false;
    const announce = async ({ documentId, patientId }: { documentId: string; patientId: string }) => {
      const sent = server.requests.filter(({ method }) => method === 'PUT' || method === 'POST' || method === 'PATCH');
      told.push({ documentId, patientId, sent: sent.length });
      return canRecord;
    };
    const station = await stationAt(server, { announce });
    const id = await station.attach(bytesOf(100));
    await station.sync();
    expect(await stored(server, id)).toEqual([]);
    canRecord = true;
    await station.sync();
    expect(await stored(server, id)).toHaveLength(1);
    expect(told).toEqual([1, 2].map(() => ({ documentId: id, patientId: PATIENT, sent: 0 })));
  });

  it('is shown at once as not sent, and its record waits until it is stored, while others go', async () => {
    const server = serverOf();
    const station = await stationAt(server);
    const id = await station.attach(bytesOf(100));
    expect(readEnvelope(station.shown(id) ?? '')).toMatchObject({ url: null, envelope: { size: 100, kind: 'image' } });
    expect(await station.queue.spoolOf(id)).toBe(station.queue.spoolPath(id));
    expect(await station.sendChanges()).toBe(true);
    expect(await stored(server, id)).toEqual([]);
    expect((await station.outbox.counts()).waiting).toBe(1);
    await station.sync();
    expect(await stored(server, id)).toHaveLength(1);
  });

  it.each(['POST', 'PUT', 'PATCH', 'HEAD', 'GET'])('is there once where the answer to a %s is lost', async (method) => {
    const server = serverOf();
    const station = await stationAt(server);
    const statement = await station.statement();
    const bytes = bytesOf(2 * CHUNK + 1);
    const id = await station.attach(bytes);
    const binaries = server.store.list('Binary').length;
    server.faults.add({ kind: 'dropAfter', times: 1, match: (asked) => asked.method === method });
    for (let n = 0; n < 3; n++) {
      await station.queue.run(statement, new AbortController().signal);
      await station.sendChanges();
    }
    expect((await stored(server, id)).map((one) => one.bytes.equals(bytes))).toEqual([true]);
    expect(server.store.list('Binary').length - binaries).toBe(server === plain ? 1 : 0);
    expect(station.spooled()).toEqual([]);
  });

  it('security: is uploaded again where the server has other bytes, and then put aside, its record unsent', async () => {
    const server = serverOf();
    const tampered = answering(async ({ method, url, init }) => {
      if (method !== 'GET' || !/\/(files|Binary)\//.test(url)) return null;
      const answer = await fetch(url, init);
      const bytes = Buffer.from(await answer.arrayBuffer());
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      return new Response(bytes, { status: answer.status });
    });
    const station = await stationAt(server, { fetch: tampered });
    const id = await station.attach(bytesOf(CHUNK));
    const had = uploads(server).length;
    await station.sync();
    expect(await station.queue.list()).toMatchObject([{ state: 'failed', code: 'stored-differs' }]);
    if (server === tus) expect(uploads(server)).toHaveLength(had + 2);
    expect(await stored(server, id)).toEqual([]);
    const honest = await station.again({ fetch });
    const [transfer] = await honest.queue.list();
    await honest.queue.resume(transfer?.id ?? '');
    await honest.sync();
    expect(await stored(server, id)).toHaveLength(1);
  });

  it('security: is not taken for stored where the server sends more than it is long', async () => {
    const longer = answering(async ({ method, url }) =>
      method === 'GET' && /\/(files|Binary)\//.test(url) ? new Response(new Uint8Array(CHUNK * 4)) : null,
    );
    const station = await stationAt(serverOf(), { fetch: longer });
    await station.attach(bytesOf(CHUNK));
    await station.sync();
    expect(await station.queue.list()).toMatchObject([{ code: 'stored-differs' }]);
  });

  it('waits where there is no network, and says so', async () => {
    const server = serverOf();
    const none: typeof fetch = async () => {
      throw new TypeError('fetch failed', { cause: new Error('connect ENETUNREACH') });
    };
    const station = await stationAt(server, { fetch: none });
    const id = await station.attach(bytesOf(10));
    const signal = new AbortController().signal;
    expect(await station.queue.run(null, signal)).toEqual({
      ok: false,
      error: expect.objectContaining({ code: 'offline' }),
    });
    expect(await station.queue.list()).toMatchObject([{ state: 'waiting', done: 0, total: 10, place: 1 }]);
    const later = await station.again({ fetch });
    await later.sync();
    expect(await stored(server, id)).toHaveLength(1);
  });

  it('ends the run with the time that the server asks to wait', async () => {
    const server = serverOf();
    const station = await stationAt(server);
    await station.attach(bytesOf(10));
    const statement = await station.statement();
    server.faults.add({ kind: 'status', status: 503, retryAfter: 120 });
    expect(await station.queue.run(statement, new AbortController().signal)).toMatchObject({
      error: { code: 'server-error', retryAfter: 120 },
    });
    expect(await station.queue.list()).toMatchObject([{ state: 'waiting' }]);
  });

  it('goes from the server again where it is given up after it was stored', async () => {
    const server = serverOf();
    const station = await stationAt(server);
    const id = await station.attach(bytesOf(CHUNK));
    await station.queue.run(await station.statement(), new AbortController().signal);
    const [transfer] = await station.queue.list();
    expect(transfer?.state).toBe('recording');
    const url = readEnvelope(station.shown(id) ?? '')?.url ?? '';
    expect(await station.queue.cancel(transfer?.id ?? '')).toMatchObject({ ok: true });
    expect([station.shown(id), station.spooled(), await station.queue.list()]).toEqual([null, [], []]);
    await station.sync();
    const token = await server.issueToken('osei');
    const answer = await fetch(new URL(url, `${server.url}/`), { headers: { Authorization: `Bearer ${token}` } });
    expect([404, 410]).toContain(answer.status);
    expect(await stored(server, id)).toEqual([]);
    expect(await station.outbox.transfers()).toEqual([]);
  });
});

describe('the queue', () => {
  it('goes by its places, which can be changed', async () => {
    const station = await stationAt(tus);
    for (const title of ['a', 'b', 'c']) await station.attach(bytesOf(20), title);
    const [, , last] = await station.queue.list();
    expect(await station.queue.move(last?.id ?? '', 1)).toEqual({ ok: true, value: null });
    expect((await station.queue.list()).map(({ title, place }) => `${place} ${title}`)).toEqual(['1 c', '2 a', '3 b']);
    await station.sync();
    const uploading = station.told.flat().filter(({ state }) => state === 'uploading' || state === 'verifying');
    expect([...new Set(uploading.map(({ title }) => title))]).toEqual(['c', 'a', 'b']);
    expect(await station.queue.move('nobody', 1)).toMatchObject({ error: { code: 'not-found' } });
  });

  it('puts a file aside that the server refuses, and goes on with the others', async () => {
    const refusing = answering(async ({ method, init }) =>
      method === 'POST' && new Headers(init.headers).get('Upload-Length') === '30'
        ? new Response(null, { status: 403 })
        : null,
    );
    const station = await stationAt(tus, { fetch: refusing });
    await station.attach(bytesOf(30), 'refused');
    const id = await station.attach(bytesOf(31), 'taken');
    await station.sync();
    expect(await station.queue.list()).toMatchObject([{ title: 'refused', state: 'failed', code: 'forbidden' }]);
    expect(await stored(tus, id)).toHaveLength(1);
  });

  it('lets a file be paused in its middle, and goes on from there', async () => {
    let sent = 0;
    const station = await stationAt(tus, {
      fetch: answering(async ({ method, init }) => {
        if (method !== 'PATCH') return null;
        sent += (init.body as Uint8Array).length;
        if (sent === 2 * CHUNK) {
          const [transfer] = await station.queue.list();
          void station.queue.pause(transfer?.id ?? '');
        }
        return null;
      }),
    });
    const bytes = bytesOf(4 * CHUNK);
    const id = await station.attach(bytes);
    const other = await station.attach(bytesOf(10));
    await station.sync();
    const [transfer] = await station.queue.list();
    expect(transfer).toMatchObject({ documentId: id, state: 'paused' });
    expect(transfer?.done).toBeGreaterThan(0);
    expect(await stored(tus, other)).toHaveLength(1);
    await station.sync();
    expect(await stored(tus, id)).toEqual([]);
    await station.queue.resume(transfer?.id ?? '');
    await station.sync();
    expect((await stored(tus, id))[0]?.bytes.equals(bytes)).toBe(true);
    expect(sent).toBeLessThanOrEqual(5 * CHUNK + 10);
  });

  it('lets a file be given up in its middle: nothing of it is left, here or there', async () => {
    const had = filesIn(tus.filesFolder ?? '');
    const station = await stationAt(tus, {
      fetch: answering(async ({ method }) => {
        if (method !== 'PATCH') return null;
        const [transfer] = await station.queue.list();
        void station.queue.cancel(transfer?.id ?? '');
        return null;
      }),
    });
    const id = await station.attach(bytesOf(4 * CHUNK));
    await station.sync();
    expect([station.shown(id), station.spooled(), await station.queue.list()]).toEqual([null, [], []]);
    await station.sync();
    expect(await station.outbox.transfers()).toEqual([]);
    expect(filesIn(tus.filesFolder ?? '')).toEqual(had);
    expect(await stored(tus, id)).toEqual([]);
  });

  it('gives up nothing whose record may be on the server', async () => {
    const station = await stationAt(tus);
    await station.attach(bytesOf(10));
    await station.queue.run(await station.statement(), new AbortController().signal);
    tus.faults.add({ kind: 'dropAfter', times: 1, match: ({ path }) => /^\/fhir(\/DocumentReference)?$/.test(path) });
    await station.sendChanges();
    const [transfer] = await station.queue.list();
    expect(await station.queue.cancel(transfer?.id ?? '')).toEqual({ ok: false, error: { code: 'too-late' } });
    expect(station.spooled()).toHaveLength(1);
  });

  it('clears away the file of a record that was withdrawn among the unsent changes', async () => {
    const station = await stationAt(tus);
    await station.attach(bytesOf(10));
    const { items } = await station.outbox.list({ limit: 10 });
    await station.outbox.withdraw({ id: items[0]?.id ?? '' });
    expect(await station.queue.list()).toEqual([]);
    await station.queue.tidy();
    expect([station.spooled(), await station.outbox.transfers()]).toEqual([[], []]);
  });

  it('looks again at what is stored, where the server was reset before the record was sent', async () => {
    const station = await stationAt(tus);
    const bytes = bytesOf(CHUNK);
    const id = await station.attach(bytes);
    const signal = new AbortController().signal;
    await station.queue.run(await station.statement(), signal);
    for (const name of filesIn(tus.filesFolder ?? '')) rmSync(join(tus.filesFolder ?? '', name));
    await station.outbox.doubt();
    await station.sendChanges();
    expect(await stored(tus, id)).toEqual([]);
    await station.sync();
    expect((await stored(tus, id))[0]?.bytes.equals(bytes)).toBe(true);
  });

  it('keeps the address in a record that is edited on a text of before it was stored', async () => {
    const station = await stationAt(tus);
    const bytes = bytesOf(10);
    const made = station.file(bytes);
    await station.queue.add(made);
    await station.queue.run(await station.statement(), new AbortController().signal);
    const edited = await station.outbox.add({
      ...{ patientId: made.patientId, title: made.title, author: made.author, changedAt: made.changedAt },
      ...{ type: 'DocumentReference', resourceId: made.documentId, action: 'update', baseVersionId: null },
      body: made.record.replace('left heel', 'right heel'),
    });
    expect(edited.ok).toBe(true);
    await station.sendChanges();
    expect((await stored(tus, made.documentId)).map((one) => one.bytes.equals(bytes))).toEqual([true]);
  });

  it('begins an upload anew that the server has forgotten, at the next start and in its middle', async () => {
    const forget = () => {
      for (const name of filesIn(tus.filesFolder ?? '')) rmSync(join(tus.filesFolder ?? '', name));
    };
    let patches = 0;
    const station = await stationAt(tus, {
      fetch: answering(async ({ method }) => {
        if (method === 'PATCH') patches += 1;
        if (method === 'PATCH' && patches === 2) forget();
        if (patches === 4) throw new TypeError('fetch failed');
        return null;
      }),
    });
    const bytes = bytesOf(4 * CHUNK);
    const id = await station.attach(bytes);
    await station.sync();
    forget();
    const later = await station.again({ fetch });
    await later.sync();
    expect((await stored(tus, id)).map((one) => one.bytes.equals(bytes))).toEqual([true]);
  });

  it('says what is wrong with a ciphertext of its own, and keeps the record', async () => {
    const station = await stationAt(tus);
    const ids = await Promise.all([40, 41, 42].map((size) => station.attach(bytesOf(size))));
    const [missing = '', shorter = '', changed = ''] = ids.map((id) => station.queue.spoolPath(id));
    rmSync(missing);
    truncateSync(shorter, 7);
    writeFileSync(changed, bytesOf(42));
    await station.sync();
    const codes = (await station.queue.list()).map(({ code }) => code);
    expect(codes.sort()).toEqual(['spool-damaged', 'spool-damaged', 'spool-missing']);
    expect((await station.outbox.counts()).waiting).toBe(3);
  });

  it('sweeps ciphertexts that no transfer names at its start, but puts those of an outbox that is aside there, too', async () => {
    const station = await stationAt(tus);
    const id = await station.attach(bytesOf(10));
    const kept = station.file(bytesOf(11)).documentId;
    await station.queue.open({ outboxAside: true });
    expect(station.spooled()).toEqual([id]);
    station.file(bytesOf(12));
    await station.queue.open({ outboxAside: false });
    expect(station.spooled()).toEqual([id]);
    expect(readdirSync(`${station.spoolFolder}.aside`)).toEqual([kept]);
  });

  it('keeps nothing of a file whose record is not taken', async () => {
    const station = await stationAt(tus);
    const made = station.file(bytesOf(10));
    const other = { ...made, record: made.record.replace(`Patient/p1`, 'Patient/p2') };
    expect(await station.queue.add(other)).toEqual({ ok: false, error: { code: 'not-writable' } });
    expect([await station.queue.list(), station.shown(made.documentId)]).toEqual([[], null]);
  });

  it('does not send a file as Binary that is too large to be held in memory', async () => {
    const station = await stationAt(plain, { binaryMax: 100 });
    await station.attach(bytesOf(101));
    await station.sync();
    expect(await station.queue.list()).toMatchObject([{ state: 'failed', code: 'too-large-for-server' }]);
    expect(plain.requests.filter(({ path }) => path.includes('Binary'))).toEqual([]);
  });

  it('survives a new life of the program at any progress: it goes on where the server has it', async () => {
    let dies = false;
    let sent = 0;
    const station = await stationAt(tus, {
      fetch: answering(async ({ method, init }) => {
        if (dies) throw new TypeError('fetch failed');
        if (method === 'PATCH') {
          sent += (init.body as Uint8Array).length;
          dies = sent >= 3 * CHUNK;
        }
        return null;
      }),
    });
    const bytes = bytesOf(5 * CHUNK);
    const id = await station.attach(bytes);
    await station.sync();
    expect(await station.queue.list()).toMatchObject([{ state: 'waiting' }]);
    dies = false;
    sent = -9 * CHUNK;
    const later = await station.again();
    await later.sync();
    expect((await stored(tus, id))[0]?.bytes.equals(bytes)).toBe(true);
  });
});

describe('security: a server that lies about uploads', () => {
  const lying = (answer: (method: string, url: string) => Response | null) =>
    answering(async ({ method, url }) => (url.includes('/files') ? answer(method, url) : null));
  const created = (location: string) => new Response(null, { status: 201, headers: { location } });

  it('gets neither token nor bytes sent to another place', async () => {
    const asked: string[] = [];
    const station = await stationAt(tus, {
      fetch: answering(async ({ method, url }) => {
        asked.push(url);
        return method === 'POST' && url.endsWith('/files') ? created('https://elsewhere.example/files/1') : null;
      }),
    });
    await station.attach(bytesOf(10));
    await station.sync();
    expect(asked.filter((url) => url.includes('elsewhere'))).toEqual([]);
    expect(await station.queue.list()).toMatchObject([{ state: 'failed', code: 'rejected' }]);
  });

  it.each([
    ['of another origin', 'https://elsewhere.example/files'],
    ['that is none', 'nonsense:'],
  ])('is sent nothing by tus where its statement names an endpoint %s', async (_what, valueUrl) => {
    const station = await stationAt(tus);
    const url = 'https://wardlight.org/fhir/StructureDefinition/tus-endpoint';
    const statement = { rest: [{ mode: 'server', extension: [{ url, valueUrl }] }] };
    expect(station.addresses.intake(statement as never).tus).toBeNull();
  });

  it.each([
    ['does not get on', () => '0'],
    ['goes further than what was sent', () => String(10 * CHUNK)],
    ['is none', () => 'x'],
  ])('does not keep the queue busy for ever with an offset that %s', async (_what, offset) => {
    let asked = 0;
    const station = await stationAt(tus, {
      fetch: lying((method) => {
        asked += 1;
        if (method === 'POST') return created('/files/0123456789abcdef0123456789abcdef');
        return new Response(null, { status: 204, headers: { 'Upload-Offset': offset(), 'Upload-Length': '10' } });
      }),
    });
    await station.attach(bytesOf(10));
    await station.sync();
    expect(asked).toBeLessThan(20);
    expect(await station.queue.list()).toMatchObject([{ state: 'failed' }]);
  });

  it('can’t make a record name a place that no token goes to', async () => {
    const station = await stationAt(tus, { uploads: 'https://files.example/up' });
    const { of } = station.addresses;
    expect(of('https://elsewhere.example/x')).toBeNull();
    expect(of('https://files.example/other')).toBeNull();
    expect(of('https://files.example/up/1')?.client.root).toBe('https://files.example/up/');
    expect(of('file:///etc/passwd')).toBeNull();
    expect(of('Binary/1')?.url).toBe(`${tus.url}/Binary/1`);
  });
});

it('tells a file’s progress by what the server has', async () => {
  const station = await stationAt(tus);
  const bytes = bytesOf(4 * CHUNK);
  await station.attach(bytes);
  await station.sync();
  const seen = station.told.flat().filter(({ state }) => state === 'uploading');
  expect(seen.every(({ done, total }) => done <= total && total === spooledOf(bytes).size)).toBe(true);
  expect(station.told.at(-1)).toEqual([]);
});
