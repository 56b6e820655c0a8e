import { randomUUID } from 'node:crypto';
import type { Encounter, Specimen } from 'fhir/r4';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { outboxNames } from '../../../main/cache/operations.ts';
import { createReconciliation, type ReconcileOptions } from '../../../main/sync/upload/reconcile.ts';
import type { DevServer } from '../../server/index.ts';
import { SPECIMENS, VISITS } from '../../support/numbers.ts';
import { fhirFor } from '../sync/support.ts';
import {
  add,
  change,
  createdFrom,
  edit,
  known,
  outboxServer,
  PATIENT,
  type Station,
  stationFor,
  upload,
} from './support.ts';

const never = new AbortController().signal;
const NOW = Date.parse('2027-03-01T12:00:00Z');
const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();
const subject = { reference: `Patient/${PATIENT}` };
const SCT = 'http://snomed.info/sct';

let server: DevServer;
let station: Station;
beforeAll(async () => {
  server = await outboxServer();
  server.store.put({ resourceType: 'Patient', id: 'p2', name: [{ family: 'Ng', given: ['Anna'] }] });
});
beforeEach(() => {
  station = stationFor(server);
});
afterEach(() => {
  server.faults.clear();
  for (const type of ['Encounter', 'Specimen'])
    for (const { id = '' } of server.store.list(type)) server.store.remove(type, id);
});
afterAll(() => server.stop());

const ours = (value: string): Encounter => ({
  resourceType: 'Encounter',
  identifier: [{ use: 'official', system: VISITS, value }],
  status: 'in-progress',
  class: { code: 'EMER' },
  subject,
  period: { start: at(-60) },
});
const blood = (value: string, minutes: number): Specimen => ({
  resourceType: 'Specimen',
  identifier: [{ use: 'official', system: SPECIMENS, value }],
  status: 'available',
  subject,
  type: { coding: [{ system: SCT, code: '122555007' }] },
  collection: { collectedDateTime: at(minutes) },
});

function register(resource: Encounter | Specimen): { id: string; changeId: string } {
  const { system = '', value = '' } = resource.identifier?.[0] ?? {};
  const resourceId = randomUUID();
  const made = change({
    ...{ type: resource.resourceType, action: 'create', resourceId, title: `Number ${value}` },
    ...{ body: JSON.stringify({ ...resource, id: resourceId }), number: { system, value }, changedAt: at(0) },
  });
  return { id: resourceId, changeId: add(station, made) };
}

/** What others have registered. */
const theirs = (resource: object, id: string = randomUUID()) => {
  server.store.put({ ...resource, id } as Encounter);
  return id;
};

async function reconciliationFor(options: Partial<ReconcileOptions> = {}) {
  const outbox = Object.fromEntries(
    outboxNames.map((name) => [name, async (args: never) => (station.outbox[name] as (args: never) => unknown)(args)]),
  ) as unknown as ReconcileOptions['cache']['outbox'];
  return createReconciliation({
    ...{ cache: { outbox }, fhir: await fhirFor(server), now: () => NOW, watchHours: 72, specimenMinutes: 30 },
    ...{ onChanged: () => undefined, onChanges: () => undefined },
    ...options,
  });
}

async function reconcile(options: Partial<ReconcileOptions> = {}) {
  return (await reconciliationFor(options)).run(new AbortController().signal);
}

const found = () => station.outbox.duplicates().map(({ item }) => [item.kind, item.other?.id ?? null]);
const send = () => upload({ station, server });

describe('a visit with a number of this workstation', () => {
  it('is sent without a word where nobody else has registered it', async () => {
    const { id } = register(ours('7700016'));
    expect(await reconcile()).toEqual({ ok: true });
    expect(await send()).toEqual({ ok: true });
    expect(createdFrom(server, 'Encounter', id)).toHaveLength(1);
    expect(await reconcile()).toEqual({ ok: true });
    expect(found()).toEqual([]);
  });

  it('security: is not sent while its number is another patient’s, and nothing of that patient is kept', async () => {
    theirs({ ...ours('7700016'), subject: { reference: 'Patient/p2' }, reasonCode: [{ text: 'Secret reason' }] });
    const { id, changeId } = register(ours('7700016'));
    for (let tries = 0; tries < 2; tries += 1) {
      expect(await reconcile()).toEqual({ ok: true });
      await send();
      expect(createdFrom(server, 'Encounter', id)).toEqual([]);
      expect(station.outbox.get({ id: changeId })).toMatchObject({
        state: 'parked',
        problem: { code: 'number-taken' },
      });
      expect(found()).toEqual([['other-patient', null]]);
      expect(JSON.stringify(station.outbox.duplicates())).not.toContain('Secret');
      // Sent again as it is: it is found again.
      station.outbox.retry({ id: changeId });
    }
    // With another number it goes.
    edit(station, 'Encounter', id, (text) => text.replace('7700016', '7700024'));
    expect(found()).toEqual([['other-patient', null]]);
  });

  it('goes once it has another number', async () => {
    theirs({ ...ours('7700016'), subject: { reference: 'Patient/p2' } });
    const { id } = register(ours('7700016'));
    await reconcile();
    const text = station.shown('Encounter', id) ?? '';
    add(
      station,
      change({
        ...{ type: 'Encounter', action: 'update', resourceId: id, baseVersionId: null, title: 'Visit 7700024' },
        ...{ body: text.replace('7700016', '7700024'), number: { system: VISITS, value: '7700024' }, changedAt: at(0) },
      }),
    );
    expect(found()).toEqual([]);
    await reconcile();
    await send();
    const [sent = ''] = createdFrom(server, 'Encounter', id);
    expect(server.store.read('Encounter', sent)).toMatchObject({
      identifier: expect.arrayContaining([{ use: 'official', system: VISITS, value: '7700024' }]),
    });
    expect(found()).toEqual([]);
  });

  it('that is corrected, with its number, is told of by its new name, and what was found of it stays', async () => {
    const overlapping = theirs({ ...ours('X1'), period: { start: at(-200), end: at(-30) } });
    const { id } = register(ours('7700016'));
    await reconcile();
    const noted = station.outbox.numbered({ since: at(0) });
    const title = 'Visit after a fall';
    add(
      station,
      change({
        ...{ type: 'Encounter', action: 'update', resourceId: id, baseVersionId: null, changedAt: at(9), title },
        ...{ body: station.shown('Encounter', id) ?? '', number: { system: VISITS, value: '7700016' } },
      }),
    );
    expect(found()).toEqual([['overlap', overlapping]]);
    expect(station.outbox.duplicates()[0]?.item.title).toBe(title);
    expect(station.outbox.numbered({ since: at(0) })).toEqual(noted);
  });

  it('is sent and warned of where another visit of hers overlaps, or has the same number', async () => {
    const overlapping = theirs({ ...ours('X1'), period: { start: at(-200), end: at(-30) } });
    theirs({ ...ours('X2'), period: { start: at(-500), end: at(-90) } });
    theirs({ ...ours('X3'), status: 'cancelled' });
    theirs({ ...ours('X4'), subject: { reference: 'Patient/p2' } });
    const same = theirs({ ...ours('7700016'), period: { start: at(-5_000), end: at(-4_900) } });
    const { id } = register(ours('7700016'));
    await reconcile();
    await send();
    expect(createdFrom(server, 'Encounter', id)).toHaveLength(1);
    expect(found().sort()).toEqual(
      [
        ['overlap', overlapping],
        ['same-number', same],
      ].sort(),
    );
    const [{ item } = { item: null }] = station.outbox.duplicates();
    expect(item).toMatchObject({ patientId: PATIENT, number: '7700016', versionId: '1' });
  });

  it('is warned of when somebody registers it long after it was sent, and not for ever', async () => {
    register(ours('7700016'));
    await reconcile();
    await send();
    const other = theirs({ ...ours('7700016'), subject: { reference: 'Patient/p2' } });
    await reconcile({ now: () => NOW + 100 * 3_600_000 });
    expect(found()).toEqual([]);
    await reconcile();
    expect(found()).toEqual([['other-patient', null]]);
    server.store.remove('Encounter', other);
    await reconcile();
    expect(found()).toEqual([]);
  });

  it('is no longer warned of once both are wanted, until the other is something else', async () => {
    const other = theirs(ours('X1'));
    register(ours('7700016'));
    await reconcile();
    await send();
    const [{ item } = { item: null }] = station.outbox.duplicates();
    expect(station.outbox.keepBoth({ id: item?.id ?? '' })).toEqual({ ok: true, value: null });
    expect(station.outbox.keepBoth({ id: item?.id ?? '' })).toMatchObject({ error: { code: 'not-found' } });
    await reconcile();
    expect(found()).toEqual([]);
    theirs({ ...ours('7700016'), period: { start: at(-60) } }, other);
    await reconcile();
    expect(found()).toEqual([['same-number', other]]);
  });

  it('is no longer warned of once it says that it was entered in error, or was withdrawn', async () => {
    theirs(ours('X1'));
    const { changeId } = register(ours('7700016'));
    await reconcile();
    expect(found()).toHaveLength(1);
    station.outbox.withdraw({ id: changeId });
    expect(station.outbox.duplicates()).toEqual([]);
    const { id } = register(ours('7700024'));
    await reconcile();
    await send();
    expect(found()).toHaveLength(1);
    const [sent = ''] = createdFrom(server, 'Encounter', id);
    edit(station, 'Encounter', sent, (text) => text.replace('in-progress', 'entered-in-error'));
    expect(found()).toEqual([]);
  });

  it('goes where the server doesn’t let be asked', async () => {
    register(ours('7700016'));
    server.faults.add({ kind: 'status', status: 403 });
    const reconciliation = await reconciliationFor();
    expect(await reconciliation.run(never)).toEqual({ ok: true });
    expect(await reconciliation.held()).toEqual(new Set());
  });
});

describe('a number that the server fails to look for', () => {
  const searches = ({ method, path }: { method: string; path: string }) =>
    method === 'GET' && path.includes('/Encounter');
  const note = (reference: string | null) =>
    add(
      station,
      change({
        ...{ type: 'DocumentReference', action: 'create', resourceId: randomUUID(), changedAt: at(0) },
        body: JSON.stringify({
          ...{
            resourceType: 'DocumentReference',
            status: 'current',
            subject,
            content: [{ attachment: { title: 'x' } }],
          },
          ...(reference && { context: { encounter: [{ reference }] } }),
        }),
      }),
    );
  const states = (ids: readonly string[]) => ids.map((id) => station.outbox.get({ id })?.state ?? 'sent');

  it('holds that record and what refers to it, and nothing else', async () => {
    const visit = register(ours('7700016'));
    const [free, within] = [note(null), note(`Encounter/${visit.id}`)];
    server.faults.add({ kind: 'status', status: 500, match: searches });
    const reconciliation = await reconciliationFor();
    expect(await reconciliation.run(never)).toEqual({ ok: true });
    expect(reconciliation.failure()).toMatchObject({ count: 1, failure: { error: { code: 'server-error' } } });
    expect(await upload({ station, server, held: reconciliation.held })).toEqual({ ok: true });
    expect(states([free, visit.changeId, within])).toEqual(['sent', 'waiting', 'waiting']);
    server.faults.clear();
    const later = { now: () => NOW + 60_000 };
    const again = await reconciliationFor(later);
    expect(await again.run(never)).toEqual({ ok: true });
    expect(await upload({ station, server, held: again.held })).toEqual({ ok: true });
    expect(states([visit.changeId, within])).toEqual(['sent', 'sent']);
  });

  it('lets the other numbers be looked for, and is not asked for again at once', async () => {
    let time = NOW;
    const first = register(ours('7700016'));
    const second = register(blood('D010126', 0));
    server.faults.add({ kind: 'status', status: 500, match: searches });
    const reconciliation = await reconciliationFor({ now: () => time });
    await reconciliation.run(never);
    expect(await reconciliation.held()).toEqual(new Set([first.changeId]));
    server.faults.clear();
    await reconciliation.run(never);
    expect(await reconciliation.held()).toEqual(new Set([first.changeId]));
    time += 60_000;
    await reconciliation.run(never);
    expect(await reconciliation.held()).toEqual(new Set());
    expect(reconciliation.failure()).toBeNull();
    expect(second.changeId).not.toBe(first.changeId);
  });

  it('ends the upload where the server asks to be left alone, and is passed over after that', async () => {
    let time = NOW;
    const { changeId } = register(ours('7700016'));
    server.faults.add({ kind: 'status', status: 503, retryAfter: 60, match: searches });
    const reconciliation = await reconciliationFor({ now: () => time });
    expect(await reconciliation.run(never)).toMatchObject({ ok: false, error: { retryAfter: 60 } });
    time += 60_000;
    expect(await reconciliation.run(never)).toEqual({ ok: true });
    expect(await reconciliation.held()).toEqual(new Set([changeId]));
  });

  it('security: of a number that was given while changes were being sent, holds the record until it is looked for', async () => {
    const reconciliation = await reconciliationFor();
    await reconciliation.run(never);
    const { id, changeId } = register(ours('7700016'));
    expect(await reconciliation.held()).toEqual(new Set([changeId]));
    await reconciliation.run(never);
    expect(await reconciliation.held()).toEqual(new Set());
    // Another number is another question.
    const text = (station.shown('Encounter', id) ?? '').replace('7700016', '7700024');
    const number = { system: VISITS, value: '7700024' };
    add(
      station,
      change({
        ...{ type: 'Encounter', action: 'update', resourceId: id, baseVersionId: null, changedAt: at(0) },
        ...{ title: 'Visit 7700024', body: text, number },
      }),
    );
    expect(await reconciliation.held()).toEqual(new Set([changeId]));
  });
});

describe('a visit during a long stay', () => {
  const stay = (days: number) => ({ ...ours('X1'), period: { start: at(-days * 1_440) } });

  it('is not doubted for a stay that the chart had already', async () => {
    const id = theirs(stay(9));
    known(station, server, JSON.stringify(server.store.read('Encounter', id)));
    register(ours('7700016'));
    await reconcile();
    expect(found()).toEqual([]);
  });

  it('is doubted for one that the chart had not, and for one that has only begun', async () => {
    const unknown = theirs(stay(9));
    const recent = theirs({ ...ours('X2'), period: { start: at(-120) } });
    known(station, server, JSON.stringify(server.store.read('Encounter', recent)));
    register(ours('7700016'));
    await reconcile();
    expect(found().sort()).toEqual(
      [
        ['overlap', unknown],
        ['overlap', recent],
      ].sort(),
    );
  });
});

describe('a specimen', () => {
  it('is warned of where one of its kind was taken at the same time', async () => {
    const near = theirs(blood('L1', -20));
    theirs(blood('L2', -40));
    theirs({ ...blood('L3', 0), type: { coding: [{ system: SCT, code: '122575003' }] } });
    register(blood('D010126', 0));
    await reconcile();
    expect(found()).toEqual([['same-type', near]]);
  });
});
