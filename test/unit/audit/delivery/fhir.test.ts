import type { AuditEvent } from 'fhir/r4';
import { describe, expect, it } from 'vitest';
import { createFhirTarget, ENTRY_TAG } from '../../../../main/audit/delivery/fhir.ts';
import type { ReceiptOf } from '../../../../main/audit/delivery/receipt.ts';
import { createFhirClient, type FhirClient } from '../../../../main/fhir/client.ts';
import { createLocalServer } from '../../../server/local.ts';
import { never, nextFor, openTestLog, TIME } from './support.ts';

const SCOPE = 'user/AuditEvent.crs';

async function start({ count = 3, scope = SCOPE, more = {} }: { count?: number; scope?: string; more?: object } = {}) {
  const server = createLocalServer({ clock: () => new Date(TIME) });
  const log = openTestLog();
  const ids = await log.append(count, { source: { observer: { display: 'Wardlight' }, site: server.url }, ...more });
  await log.seal();
  const segment = await nextFor(log, 'ehr');
  const fhir = createFhirClient({
    base: server.url,
    fetch: server.fetch,
    accessToken: async () => ({ ok: true, value: server.tokenFor(scope) }),
    requestId: () => 'request',
  });
  const targetWith = (client: FhirClient | null) =>
    createFhirTarget({ name: 'ehr', server: server.url, client: () => client, now: () => Date.parse(TIME) });
  const target = targetWith(fhir);
  const deliver = async () => {
    const answer = await target.deliver(segment, never);
    if (!answer.ok) throw new Error(answer.error.code);
    return answer.value as ReceiptOf<'fhir'>;
  };
  const stored = () =>
    server.store
      .log()
      .map(({ text }) => JSON.parse(text ?? '{}') as AuditEvent)
      .filter(({ resourceType }) => resourceType === 'AuditEvent');
  return { server, ids, segment, target, targetWith, fhir, deliver, stored };
}

function tagsOf(events: readonly AuditEvent[]): (string | undefined)[] {
  return events.map(({ meta }) => meta?.tag?.find(({ system }) => system === ENTRY_TAG)?.code);
}

describe('delivery to a FHIR server', () => {
  it('creates each event once, however often it is brought', async () => {
    const { server, ids, deliver, stored } = await start();
    expect(await deliver()).toMatchObject({ created: 3, present: 0, elsewhere: 0, refused: [], writeOnce: false });
    expect(tagsOf(stored())).toEqual(ids);
    expect(await deliver()).toMatchObject({ created: 0, present: 3 });
    expect(stored()).toHaveLength(3);
    expect(server.requests.every(({ method }) => method === 'POST')).toBe(true);
  });

  it('counts once what a lost answer has left', async () => {
    const { server, ids, segment, target, deliver, stored } = await start();
    server.faults.add({ kind: 'dropAfter', times: 1 });
    expect(await target.deliver(segment, never)).toMatchObject({ ok: false, error: { code: 'target-unreachable' } });
    expect(await deliver()).toMatchObject({ created: 0, present: 3 });
    expect(tagsOf(stored())).toEqual(ids);
  });

  it('security: what was seen on another server is not told to this one', async () => {
    const site = 'https://elsewhere.example/fhir';
    const { deliver, stored } = await start({ more: { source: { observer: {}, site } } });
    expect(await deliver()).toMatchObject({ created: 0, elsewhere: 3 });
    expect(stored()).toEqual([]);
  });

  it('brings what is of the workstation itself, whose site is empty', async () => {
    const { ids, deliver, stored } = await start({
      more: { source: { observer: { display: 'Wardlight' }, site: '' } },
    });
    expect(await deliver()).toMatchObject({ created: 3, refused: [] });
    expect(tagsOf(stored())).toEqual(ids);
  });

  it('security: nothing goes while somebody of another server, or nobody, is signed in', async () => {
    const { segment, targetWith, fhir, stored } = await start();
    for (const client of [null, { ...fhir, base: 'https://elsewhere.example/fhir/' }]) {
      const answer = await targetWith(client).deliver(segment, never);
      expect(answer).toMatchObject({ ok: false, error: { code: 'not-signed-in' } });
    }
    expect(stored()).toEqual([]);
  });

  it('brings the rest where the server refuses one of them, and tells which', async () => {
    const server = createLocalServer({ clock: () => new Date(TIME) });
    const source = { observer: { display: 'Wardlight' }, site: server.url };
    const log = openTestLog();
    await log.append(1, { source });
    await log.append(1, { source, action: 'not a code at all' });
    await log.append(1, { source });
    await log.seal();
    const accessToken = async () => ({ ok: true as const, value: server.tokenFor(SCOPE) });
    const fhir = createFhirClient({ base: server.url, fetch: server.fetch, accessToken, requestId: () => 'request' });
    const target = createFhirTarget({ name: 'ehr', server: server.url, client: () => fhir, now: () => 0 });
    const answer = await target.deliver(await nextFor(log, 'ehr'), never);
    expect(answer).toMatchObject({ ok: true, value: { created: 2, refused: [1] } });
  });

  it('sends one by one where the server takes no batches', async () => {
    const { server, ids, deliver, stored } = await start();
    server.faults.add({ kind: 'status', status: 404, times: 2 });
    expect(await deliver()).toMatchObject({ created: 3, refused: [] });
    expect(tagsOf(stored())).toEqual(ids);
  });

  it('says what is in the way', async () => {
    const { segment, target } = await start({ scope: 'user/Patient.rs' });
    expect(await target.deliver(segment, never)).toMatchObject({ ok: false, error: { code: 'access-denied' } });
    const other = await start();
    other.server.faults.add({ kind: 'status', status: 503, times: 1 });
    const answer = await other.target.deliver(other.segment, never);
    expect(answer).toMatchObject({ ok: false, error: { code: expect.stringMatching(/^target-(failed|busy)$/) } });
  });
});
