import type { Device, Task } from 'fhir/r4';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFhirClient } from '../../../main/fhir/client.ts';
import { completeTask } from '../../../main/identity/acknowledge.ts';
import { contactServer } from '../../../main/identity/contact.ts';
import { createWorkstationDevice } from '../../../main/identity/device.ts';
import { createRevocation, type WipeOrder } from '../../../main/identity/revocation.ts';
import { ASKED_SCOPES, parseScopes } from '../../../main/identity/scopes.ts';
import { WORKSTATION_SYSTEM } from '../../../main/identity/workstation.ts';
import { type DevServer, startServer } from '../../server/index.ts';

const WORKSTATION = '6f1c9a52-3a8e-4a57-9d0b-1f4f6f0c2b11';
const SCOPE = ASKED_SCOPES.join(' ');

let server: DevServer;
beforeAll(async () => {
  server = await startServer({ patients: 1, seed: 1 });
});
afterEach(() => {
  server.faults.clear();
  for (const { id = '' } of server.store.list('Task')) server.store.remove('Task', id);
});
afterAll(() => server.stop());

const clientWith = async (token: string) =>
  createFhirClient({
    base: server.url,
    fetch: globalThis.fetch,
    accessToken: async () => ({ ok: true, value: token }),
    requestId: () => 'r',
  });

function start({ scope = SCOPE, workstation = WORKSTATION } = {}) {
  const orders: WipeOrder[] = [];
  const revocation = createRevocation({
    server: server.url,
    clientFor: clientWith,
    scopes: parseScopes(scope),
    workstation: async () => workstation,
    device: createWorkstationDevice({
      scopes: parseScopes(scope),
      workstation: async () => workstation,
      name: 'Wardlight on ward-3',
    }),
    onWipe: (order) => orders.push(order),
  });
  return { revocation, orders, token: () => server.issueToken('osei', scope) };
}

const order = (change: Partial<Task>): Task => ({
  resourceType: 'Task',
  id: 'wipe',
  status: 'requested',
  intent: 'order',
  code: { coding: [{ code: 'wipe' }] },
  ...change,
});
const byIdentifier = { identifier: { system: WORKSTATION_SYSTEM, value: WORKSTATION } };
const devices = () => server.store.list('Device') as Device[];

describe('a workstation', () => {
  it('makes itself known once, however often and by whomever it asks', async () => {
    for (let n = 0; n < 2; n += 1) {
      const { revocation, token } = start();
      for (let m = 0; m < 2; m += 1) expect(await revocation.ask(await token())).toEqual({ ok: true });
    }
    expect(devices()).toHaveLength(1);
    expect(devices()[0]).toMatchObject({ identifier: [byIdentifier.identifier], status: 'active' });
  });

  it.each<[string, (device: string) => Partial<Task>]>([
    ['as its owner', (device) => ({ owner: { reference: device } })],
    ['as what it is for', (device) => ({ for: { reference: device } })],
    ['as its focus', (device) => ({ focus: { reference: `${server.url}/${device}` } })],
    ['by its identifier', () => ({ focus: byIdentifier })],
  ])('security: is revoked by a Task that names it %s', async (_how, naming) => {
    const { revocation, orders, token } = start();
    const accessToken = await token();
    expect((await revocation.ask(accessToken)).ok).toBe(true);
    server.store.put(order(naming(`Device/${devices()[0]?.id}`)));
    expect(await revocation.ask(accessToken)).toEqual({ ok: false, error: { code: 'revoked', retryAfter: null } });
    expect(orders).toEqual([{ task: 'Task/wipe', server: server.url, accessToken }]);
  });

  it.each<[string, Partial<Task>]>([
    ['is for another workstation', { focus: { identifier: { ...byIdentifier.identifier, value: 'other' } } }],
    ['names another Device', { owner: { reference: 'Device/other' } }],
    ['names nobody', {}],
    ['is done', { focus: byIdentifier, status: 'completed' }],
    ['is a draft', { focus: byIdentifier, status: 'draft' }],
    ['is another kind of work', { focus: byIdentifier, code: { coding: [{ code: 'wipe-floor' }] } }],
  ])('security: is not revoked by a Task that %s', async (_what, change) => {
    const { revocation, orders, token } = start();
    server.store.put(order(change));
    expect((await revocation.ask(await token())).ok).toBe(true);
    expect(orders).toEqual([]);
  });

  it('security: finds its order behind the first page', async () => {
    for (let n = 0; n < 120; n += 1) server.store.put(order({ id: `t${n}`, owner: { reference: `Device/d${n}` } }));
    server.store.put(order({ focus: byIdentifier }));
    const { revocation, token } = start();
    expect((await revocation.ask(await token())).ok).toBe(false);
  });

  it.each([403, 404, 400, 501] as const)('goes on where the server keeps no such Tasks (%d)', async (status) => {
    server.faults.add({ kind: 'status', status, match: ({ path }) => path.includes('/Task') });
    const { revocation, token } = start();
    expect((await revocation.ask(await token())).ok).toBe(true);
  });

  it.each([500, 503, 429] as const)('security: does not go on where it can’t be known (%d)', async (status) => {
    server.faults.add({ kind: 'status', status, match: ({ path }) => path.includes('/Task') });
    const { revocation, token } = start();
    expect(await revocation.ask(await token())).toMatchObject({ ok: false, error: { code: 'server-error' } });
  });

  it('security: does not go on where the answer is none, or its own Device can’t be asked for', async () => {
    server.faults.add({ kind: 'status', status: 500, match: ({ path }) => path.includes('/Device') });
    expect((await start().revocation.ask(await server.issueToken('osei', SCOPE))).ok).toBe(false);
    server.faults.clear();
    server.faults.add({ kind: 'dropBefore', match: ({ path }) => path.includes('/Task') });
    expect(await start().revocation.ask(await server.issueToken('osei', SCOPE))).toMatchObject({
      ok: false,
      error: { code: 'server-unreachable' },
    });
  });

  it('asks for nothing that its sign-in doesn’t cover', async () => {
    const { revocation, token } = start({ scope: 'user/Patient.rs' });
    server.requests.length = 0;
    expect((await revocation.ask(await token())).ok).toBe(true);
    expect(server.requests).toEqual([]);
  });
});

describe('contact', () => {
  it('asks once for each run, and not again about a token that is new', async () => {
    const { revocation, token } = start();
    const accessToken = await token();
    const held = { access: async () => ({ ok: true, value: accessToken }) as const };
    expect(await contactServer(held, revocation)).toEqual({ ok: true });
    expect(revocation.count()).toBe(1);
    const fresh = {
      async access() {
        await revocation.ask(accessToken);
        return { ok: true, value: accessToken } as const;
      },
    };
    expect(await contactServer(fresh, revocation)).toEqual({ ok: true });
    expect(revocation.count()).toBe(2);
  });

  it('renews a token that the server no longer takes, and needs a sign-in where there is no other', async () => {
    const { revocation, token } = start();
    const refused: (string | undefined)[] = [];
    const good = await token();
    const tokens = {
      async access(old?: string) {
        refused.push(old);
        return { ok: true, value: old === undefined ? 'stale' : good } as const;
      },
    };
    expect(await contactServer(tokens, revocation)).toEqual({ ok: true });
    expect(refused).toEqual([undefined, 'stale']);
    const none = { access: async () => ({ ok: false, error: { code: 'sign-in-needed' } }) as const };
    expect(await contactServer(none, revocation)).toMatchObject({ error: { code: 'sign-in-needed' } });
  });
});

describe('an acknowledgement', () => {
  const status = () => (server.store.read('Task', 'wipe') as Task | undefined)?.status;
  const client = async () => clientWith(await server.issueToken('osei', SCOPE));

  it('completes the Task, with all else as it was, over the version that was read', async () => {
    server.store.put(order({ focus: byIdentifier, note: [{ text: 'stolen' }] }));
    server.requests.length = 0;
    expect(await completeTask(await client(), 'Task/wipe')).toBe('done');
    expect(server.store.read('Task', 'wipe')).toMatchObject({ ...order({ focus: byIdentifier }), status: 'completed' });
    expect(server.requests.find(({ method }) => method === 'PUT')?.headers['if-match']).toMatch(/^W\//);
    expect(await completeTask(await client(), 'Task/wipe')).toBe('done');
  });

  it('is made anew over what somebody has changed in between', async () => {
    server.store.put(order({ focus: byIdentifier }));
    const fhir = await client();
    let changed = false;
    const interrupted: typeof fhir = {
      ...fhir,
      async send(write) {
        if (!changed) server.store.put(order({ focus: byIdentifier, priority: 'stat' }));
        changed = true;
        return fhir.send(write);
      },
    };
    expect(await completeTask(interrupted, 'Task/wipe')).toBe('done');
    expect(server.store.read('Task', 'wipe')).toMatchObject({ status: 'completed', priority: 'stat' });
  });

  it('waits for a server that can’t be reached or is busy, and for none that will not take it', async () => {
    server.store.put(order({ focus: byIdentifier }));
    server.faults.add({ kind: 'dropBefore' });
    expect(await completeTask(await client(), 'Task/wipe')).toBe('later');
    server.faults.clear();
    server.faults.add({ kind: 'status', status: 503, match: ({ method }) => method === 'PUT' });
    expect(await completeTask(await client(), 'Task/wipe')).toBe('later');
    server.faults.clear();
    expect(status()).toBe('requested');
    expect(await completeTask(await clientWith(await server.issueToken('osei', 'user/*.rs')), 'Task/wipe')).toBe(
      'done',
    );
    expect(await completeTask(await client(), 'Task/none')).toBe('done');
  });
});
