import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../main/audit/events/entry.ts';
import type { ChartFound, FoundRecord, PanelFound } from '../../../preload/contract/find.ts';
import { listOf } from '../../unit/audit/support.ts';
import { bridgeTo, engineOf } from './bridge.ts';
import { canaryOf, openWard, practitionerOf, type Role, roles, type Ward, type WardPatient } from './ward.ts';

const patients: readonly WardPatient[] = [
  { id: 'team', relation: 'care-team', label: 'none' },
  { id: 'panel', relation: 'panel', label: 'none' },
  { id: 'foreign', relation: 'none', label: 'none' },
  { id: 'very', relation: 'care-team', label: 'V' },
  { id: 'hidden', relation: 'care-team', label: 'none', identity: 'V' },
];

/** Lets nobody search for anybody. */
const NOBODY = engineOf(
  '@id("reads") @says("Whoever is on the team reads.") permit (principal, action == Action::"read", resource);',
);

describe('security: a search through records', () => {
  let ward: Ward;
  beforeAll(async () => {
    ward = await openWard(patients);
  });
  afterAll(() => ward.close());

  async function asking(role: Role, engine = engineOf()) {
    const onDisk: AuditEntry[] = [];
    const audit = {
      async record(entries: AuditEntry | readonly AuditEntry[]) {
        onDisk.push(...listOf(entries as never));
        return { ok: true as const, value: undefined };
      },
    };
    const bridge = bridgeTo({ ...ward, audit, practitioner: practitionerOf(role), engine });
    const inChart = (patientId: string, text: string) =>
      bridge.ask('find.inChart', { patientId, text }) as Promise<{ ok: boolean; value: ChartFound }>;
    const inPanel = (text: string) =>
      bridge.ask('find.inPanel', { text }) as Promise<{ ok: boolean; value: PanelFound; error?: { code: string } }>;
    const asked = { query: '', sort: 'name', descending: false, offset: 0, limit: 100 };
    const listed = async () => {
      const page = (await bridge.ask('patients.list', asked)) as unknown as { value: { items: { id: string }[] } };
      return page.value.items.map(({ id }) => id);
    };
    return { onDisk, bridge, inChart, inPanel, listed };
  }

  it.each(Object.keys(roles) as Role[])(
    'security: shows of each patient of the list what her chart would show without anything being opened (%s)',
    async (role) => {
      const { bridge, inChart, inPanel, listed } = await asking(role);
      const { value: all } = await inPanel('canary');
      const found = (items: readonly FoundRecord[]) => items.map(({ type, id }) => `${type}/${id}`).toSorted();
      const expected: FoundRecord[] = [];
      for (const id of await listed()) expected.push(...(await inChart(id, 'canary')).value.items);
      expect(found(all.items)).toEqual(found(expected));
      expect(all.patients.map(({ id }) => id).toSorted()).toEqual(
        [...new Set(expected.map(({ patientId }) => patientId))].toSorted(),
      );
      const told = JSON.stringify(all);
      for (const patient of patients.filter(({ id }) => id === 'foreign' || id === 'very')) {
        expect(told).not.toContain(canaryOf(patient, 'labelled'));
      }
      await bridge.close();
    },
  );

  it('security: says that restricted records are there, and finds them in their chart alone once they are opened', async () => {
    const { bridge, inChart, inPanel } = await asking('physician');
    const before = await inChart('very', 'canary');
    expect(before.value).toMatchObject({ items: [], total: 0, withheld: { restricted: expect.any(String) } });
    await bridge.ask('access.openRestricted', { patientId: 'very', purpose: 'TREAT' });
    const after = await inChart('very', 'canary');
    const isOpened = after.value.total > 0;
    expect((await inPanel('canary')).value.items.some(({ patientId }) => patientId === 'very')).toBe(false);
    expect(isOpened || before.value.withheld.restricted === 'emergency').toBe(true);
    await bridge.close();
  });

  it('security: is refused for a patient who isn’t hers, and for who may search for nobody', async () => {
    const { bridge, onDisk, inChart } = await asking('physician');
    expect(await inChart('foreign', 'canary')).toMatchObject({ ok: false, error: { code: 'not-permitted' } });
    expect(onDisk.at(-1)).toMatchObject({ action: 'denied', view: 'find.inChart', patientId: 'foreign' });
    await bridge.close();
    const nobody = await asking('physician', NOBODY);
    expect(await nobody.inPanel('canary')).toMatchObject({ ok: false, error: { code: 'not-permitted' } });
    expect(nobody.onDisk).toMatchObject([{ action: 'denied', attempted: 'search', view: 'find.inPanel' }]);
    await nobody.bridge.close();
  });

  it('security: is recorded with its words and with each patient of whom it tells, before it answers', async () => {
    const { bridge, onDisk, inChart, inPanel } = await asking('physician');
    await inChart('team', 'canary zebra');
    expect(onDisk).toMatchObject([
      { action: 'read', view: 'find.inChart', patientId: 'team', facts: { relation: 'care-team' } },
      { action: 'search', query: 'find.inChart?text=canary+zebra', patientId: 'team' },
    ]);
    onDisk.length = 0;
    const { value } = await inPanel('canary');
    const told = onDisk.map(({ patientId, action, query }) => ({ patientId, action, query }));
    expect(told.toSorted((a, b) => ((a.patientId ?? '') < (b.patientId ?? '') ? -1 : 1))).toEqual(
      value.patients
        .map(({ id }) => ({ patientId: id, action: 'search', query: 'find.inPanel?text=canary' }))
        .toSorted((a, b) => (a.patientId < b.patientId ? -1 : 1)),
    );
    onDisk.length = 0;
    expect((await inPanel('zebra')).value).toMatchObject({ items: [], total: 0 });
    expect(onDisk).toMatchObject([{ action: 'search', query: 'find.inPanel?text=zebra' }]);
    await bridge.close();
  });

  it('security: answers nothing that could not be recorded', async () => {
    const audit = { record: async () => ({ ok: false as const, error: { code: 'audit-failed' as const } }) };
    const bridge = bridgeTo({ ...ward, audit: audit as never, practitioner: practitionerOf('physician') });
    for (const [call, request] of [
      ['find.inChart', { patientId: 'team', text: 'canary' }],
      ['find.inPanel', { text: 'canary' }],
    ] as const) {
      const answer = await bridge.ask(call, request);
      expect(answer.ok).toBe(false);
      expect(JSON.stringify(answer)).not.toContain('Canary');
    }
    await bridge.close();
  });
});
