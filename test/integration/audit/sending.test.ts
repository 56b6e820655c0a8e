import type { Communication } from 'fhir/r4';
import { expect, it, onTestFinished, vi } from 'vitest';
import { COMMUNICATION_SCOPE, createSending, type Sending } from '../../../main/audit/sending/sending.ts';
import type { AuditStore } from '../../../main/audit/store.ts';
import { createFhirClient, type FhirClient } from '../../../main/fhir/client.ts';
import { createLocalServer } from '../../server/local.ts';
import { isSigned } from '../../support/verify-webhook.ts';
import { startWebhook } from '../../support/webhook.ts';
import { handTimers } from '../../unit/audit/delivery/support.ts';
import { alarmEvent, markEvent } from '../../unit/audit/sending/support.ts';
import { NOW, workstation } from './support.ts';

const BUSY_MACHINE_MS = 30_000;
const RECIPIENTS = ['Practitioner/officer'];

type SendingPolicy = Parameters<typeof createSending>[0]['policy'];
const nothing = () => undefined;

/** A workstation with its log in a process, a server, and a service that is told. */
async function ward(scope = `user/*.rs ${COMMUNICATION_SCOPE}`) {
  const here = workstation();
  const server = createLocalServer({ clock: () => new Date(NOW) });
  const webhook = await startWebhook();
  onTestFinished(() => webhook.close());
  const state: { store: AuditStore; client: FhirClient | null; afterRequest: () => void } = {
    store: await here.opened(),
    client: null,
    afterRequest: nothing,
  };
  /** As soon as the other side has answered, before anybody knows here. */
  const observed = (ask: typeof globalThis.fetch): typeof globalThis.fetch => {
    return async (...args) => {
      const answer = await ask(...args);
      state.afterRequest();
      return answer;
    };
  };
  onTestFinished(() => state.store.close());
  const client = createFhirClient({
    base: server.url,
    fetch: observed(server.fetch),
    accessToken: async () => ({ ok: true, value: server.tokenFor(scope) }),
    requestId: () => crypto.randomUUID(),
  });
  const both = { recipients: RECIPIENTS, webhook: { url: webhook.url } };
  /** One life of the program. */
  function start({ policy = both }: { policy?: SendingPolicy } = {}) {
    const timers = handTimers();
    const sending = createSending({
      policy,
      store: async () => state.store,
      fhir: () => state.client,
      fetch: observed(fetch),
      timers,
      now: () => NOW,
      random: () => 0,
      onStatus: () => undefined,
    });
    onTestFinished(() => sending.close());
    return { sending, timers };
  }
  async function ring(id: string, change: object = {}): Promise<void> {
    await state.store.append(
      JSON.stringify(alarmEvent({ server: server.url, ...change }, { id, recorded: new Date(NOW).toISOString() })),
    );
  }
  const told = () =>
    server.store
      .log()
      .map(({ text }) => JSON.parse(text ?? '{}') as Communication)
      .filter(({ resourceType }) => resourceType === 'Communication')
      .map(({ identifier }) => identifier?.[0]?.value);
  const hooked = () => webhook.received.map(({ body }) => (JSON.parse(body) as { id: string }).id);
  return { here, server, webhook, state, client, start, ring, told, hooked };
}

/** Until nothing more is under way, and so many wait by each way. */
function settled(sending: Sending, waiting: readonly number[]): Promise<void> {
  return vi.waitFor(() => expect(sending.status().map((one) => one.waiting)).toEqual(waiting), {
    timeout: BUSY_MACHINE_MS,
    interval: 5,
  });
}

const stands = async (sending: Sending, ...ids: string[]) => [...(await sending.sendings(ids)).values()];

it('an alarm goes at once to the server and to the webhook, which verifies it by the key of the log alone', async () => {
  const { state, webhook, client, start, ring, told, hooked } = await ward();
  state.client = client;
  const { sending } = start();
  await ring('first');
  expect(await stands(sending, 'first')).toEqual(['waiting']);
  sending.wake();
  await vi.waitFor(async () => expect(await stands(sending, 'first')).toEqual(['received']), BUSY_MACHINE_MS);
  expect([told(), hooked()]).toEqual([['first'], ['first']]);
  const [request] = webhook.received;
  const { vkey, origin } = state.store.identity;
  expect(await isSigned(request!, vkey)).toBe(true);
  expect(JSON.parse(request!.body)).toMatchObject({ log: origin, rule: 'many-charts', patient: 'p1' });
  const altered = request!.body.replace('"p1"', '"p2"');
  expect(await isSigned({ ...request!, body: altered }, vkey)).toBe(false);
});

it('what rings while nobody is signed in, the network is gone or the program is locked is received once it can be', async () => {
  const { state, server, webhook, client, start, ring, told, hooked } = await ward();
  const { sending, timers } = start();
  webhook.answer({ status: 503 }, { status: 503 });
  await ring('offline');
  sending.wake();
  await settled(sending, [1, 1]);
  await vi.waitFor(
    () => expect(sending.status().map(({ problem }) => problem)).toEqual(['not-signed-in', 'target-failed']),
    BUSY_MACHINE_MS,
  );
  expect(told()).toEqual([]);
  // At the unlock the answer of the server is lost: it has it, and the program doesn't know.
  state.client = client;
  server.faults.add({ kind: 'dropAfter', times: 1 });
  sending.wake();
  await vi.waitFor(() => expect(timers.waiting).toHaveLength(2), BUSY_MACHINE_MS);
  expect(sending.status()[0]).toMatchObject({ problem: 'target-unreachable', waiting: 1 });
  sending.wake();
  await vi.waitFor(async () => expect(await stands(sending, 'offline')).toEqual(['received']), BUSY_MACHINE_MS);
  expect(told()).toEqual(['offline']);
  expect(hooked()).toEqual(['offline', 'offline', 'offline']);
});

it.each(['communication', 'webhook'])(
  'security: SIGKILL between sending by %s and its being known loses none, and makes no second one of it',
  async (way) => {
    const { here, state, webhook, client, start, ring, told, hooked } = await ward();
    state.client = client;
    const isHook = way === 'webhook';
    const policy = isHook
      ? { recipients: [], webhook: { url: webhook.url } }
      : { recipients: RECIPIENTS, webhook: null };
    await ring('killed');
    state.afterRequest = () => void here.ports.at(-1)?.child.kill('SIGKILL');
    const first = start({ policy });
    first.sending.wake();
    await vi.waitFor(() => expect(first.sending.status()[0]?.problem).toBe('segment-unreadable'), BUSY_MACHINE_MS);
    await first.sending.close();
    await state.store.close();
    state.afterRequest = nothing;
    state.store = await here.opened();
    const second = start({ policy });
    second.sending.wake();
    await vi.waitFor(async () => expect(await stands(second.sending, 'killed')).toEqual(['received']), BUSY_MACHINE_MS);
    await second.sending.close();
    // A server knows it again and keeps one; a webhook is told the same id twice.
    expect([told(), hooked()]).toEqual(isHook ? [[], ['killed', 'killed']] : [['killed'], []]);
    // And not again in a third life.
    const third = start({ policy });
    third.sending.wake();
    await settled(third.sending, [0]);
    await third.sending.close();
    expect(hooked()).toHaveLength(isHook ? 2 : 0);
  },
);

it('security: nothing leaves where policy names nobody, and to no other server what one is about', async () => {
  const { state, client, webhook, start, ring, told } = await ward();
  state.client = client;
  await ring('nobody');
  const none = start({ policy: { recipients: [], webhook: null } });
  none.sending.wake();
  await none.sending.close();
  expect(none.sending.status()).toEqual([]);
  expect(await none.sending.sendings(['nobody'])).toEqual(new Map());
  await ring('elsewhere', { server: 'https://elsewhere.example/fhir' });
  await ring('own', { server: '' });
  const { sending } = start({ policy: { recipients: RECIPIENTS, webhook: null } });
  sending.wake();
  await vi.waitFor(
    async () =>
      expect(await stands(sending, 'nobody', 'elsewhere', 'own')).toEqual(['received', 'waiting', 'received']),
    BUSY_MACHINE_MS,
  );
  expect(told()).toEqual(['nobody', 'own']);
  expect(webhook.received).toEqual([]);
});

it('one that is refused is parked, and one without permission waits for IT, while others go', async () => {
  const { state, client, webhook, start, ring, hooked } = await ward('user/Patient.rs');
  state.client = client;
  webhook.answer({ status: 422 });
  await ring('refused');
  await ring('fine');
  const { sending } = start();
  sending.wake();
  await vi.waitFor(
    () =>
      expect(sending.status()).toEqual([
        { channel: 'communication', waiting: 2, problem: 'access-denied', needsIt: true },
        { channel: 'webhook', waiting: 1, problem: 'request-refused', needsIt: true },
      ]),
    BUSY_MACHINE_MS,
  );
  expect(hooked()).toEqual(['refused', 'fine']);
  sending.wake();
  await sending.close();
  expect(hooked()).toEqual(['refused', 'fine']);
});

it('security: who marks an alarm as a false one before it left keeps it back from nobody', async () => {
  const { state, webhook, start, ring, hooked } = await ward();
  const { sending } = start({ policy: { recipients: [], webhook: { url: webhook.url } } });
  await ring('earlier');
  sending.wake();
  await vi.waitFor(() => expect(hooked()).toEqual(['earlier']), BUSY_MACHINE_MS);
  await ring('judged');
  await state.store.append(JSON.stringify(markEvent('judged')));
  sending.wake();
  await vi.waitFor(() => expect(hooked()).toEqual(['earlier', 'judged']), BUSY_MACHINE_MS);
});

it('security: a redirection is not followed', async () => {
  const { webhook, start, ring } = await ward();
  const other = await startWebhook();
  onTestFinished(() => other.close());
  webhook.answer({ status: 307, headers: { location: other.url } });
  const { sending } = start({ policy: { recipients: [], webhook: { url: webhook.url } } });
  await ring('moved');
  sending.wake();
  await vi.waitFor(() => expect(sending.status()[0]?.problem).toBe('target-moved'), BUSY_MACHINE_MS);
  expect(other.received).toEqual([]);
});
