import { afterEach, expect, it } from 'vitest';
import type { AuditEntry } from '../../../main/audit/events/entry.ts';
import { listOf } from '../../unit/audit/support.ts';
import { bridgeTo } from './bridge.ts';
import { labels, openWard, type Ward, type WardPatient } from './ward.ts';

let ward: Ward;
afterEach(() => ward.close());

const mine: WardPatient = { id: 'mine', relation: 'care-team', label: 'none' };
const other: WardPatient = { id: 'other', relation: 'care-team', label: 'none' };
const foreign: WardPatient = { id: 'foreign', relation: 'none', label: 'none' };
const specimen = (id: string, patient: string, security: readonly object[] = []) => ({
  ...{ resourceType: 'Specimen', id, status: 'available', subject: { reference: `Patient/${patient}` } },
  meta: { versionId: '1', ...(security.length > 0 && { security }) },
  identifier: [{ use: 'official', system: 'urn:x', value: `N-${id}` }],
});

it('security: a label is decided and recorded before it is printed, with its own labels, of its own patient', async () => {
  const records = [
    ...[specimen('s1', 'mine'), specimen('s2', 'other'), specimen('s3', 'foreign'), specimen('s4', 'mine', labels.V)],
    { ...specimen('s5', 'mine'), identifier: [] },
  ];
  ward = await openWard([mine, other, foreign], records);
  const recorded: AuditEntry[] = [];
  let works = true;
  const audit = {
    async record(entries: AuditEntry | readonly AuditEntry[]) {
      if (!works) return { ok: false, error: { code: 'audit-unavailable' } } as const;
      recorded.push(...listOf(entries));
      return { ok: true, value: undefined } as const;
    },
  };
  const bridge = bridgeTo({ cache: ward.cache, audit });
  const print = async (patientId: string, id: string) => {
    recorded.length = 0;
    const answer = await bridge.ask('downtime.printLabel', { patientId, type: 'Specimen', id });
    return answer.ok ? 'printed' : answer.error.code;
  };
  expect(await print('mine', 's1')).toBe('printed');
  expect(recorded).toMatchObject([
    { action: 'print', patientId: 'mine', resource: 'Specimen/s1', details: { recipient: 'paper' } },
  ]);
  expect(await print('foreign', 's3')).toBe('not-permitted');
  expect(recorded).toMatchObject([{ action: 'denied', attempted: 'print', patientId: 'foreign' }]);
  expect(await print('mine', 's2')).not.toBe('printed');
  expect(await print('mine', 's4')).toBe('not-permitted');
  expect(await print('mine', 's5')).toBe('not-found');
  expect(await print('mine', 'gone')).toBe('not-found');
  works = false;
  expect(await print('mine', 's1')).toBe('audit-unavailable');
  await bridge.close();
});
