// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { ParkedRecord, Rejected } from '../../../../../preload/contract/charting.ts';
// What is fetched when it is first opened is here before it is waited for.
import '../../../../../renderer/features/charting/WriteForms.tsx';
import '../../../../../renderer/features/sync/SyncView.tsx';
import { SYNCED } from '../../support/fakeBridge.ts';
import { fakeChange, fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';
import { field, fill, saidOf, save, saveTwice, sent } from './support.tsx';

afterEach(cleanup);

const changeId = '8c1e9a52-3a8e-4a57-9d0b-1f4f6f0c2b12';
const record = 'a0000000-0000-4000-8000-000000000001';
const CODING = { system: 'http://snomed.info/sct', code: '91936005', display: 'Penicillin' };
const named = (text: string) => ({ text, coding: null });
const PARKED = { changeId, title: 'What was rejected', changedAt: '2026-11-26T03:00:00Z' };

function problemAt(at: string | null): NonNullable<ParkedRecord['problem']> {
  return { code: 'rejected', lines: ['Not so'], issues: [{ code: 'value', at, said: 'Not so' }] };
}

/** From the sync surface to the form of a rejected change. */
async function correct(type: string, rejected: Rejected, more: Partial<ParkedRecord> = {}, record_ = record) {
  const parked = { ...PARKED, versionId: '', problem: problemAt(null), rejected, ...more };
  const change = fakeChange({
    ...{ id: changeId, resourceType: type, resourceId: record_, state: 'parked', problem: parked.problem },
    action: rejected.kind === 'deed' ? 'update' : 'create',
  });
  const app = renderApp({
    ...{ patients: fakePatients(1), unsent: [change] },
    sync: { ...SYNCED, upToDate: false, changes: { waiting: 0, conflicts: 0, parked: 1, duplicates: 0, unchecked: 0 } },
    charting: { parked: async () => ({ ok: true, value: parked }) },
  });
  fireEvent.click(await screen.findByTestId('sync-parked', {}, { timeout: 10_000 }));
  fireEvent.click(await screen.findByTestId('change-correct', {}, { timeout: 10_000 }));
  await screen.findByTestId('correct-reason', {}, { timeout: 10_000 });
  return app;
}

type Case = readonly [
  type: string,
  call: string,
  rejected: Exclude<Rejected, { kind: 'deed' | 'form' }>,
  at: string,
  name: string,
];

const CASES: readonly Case[] = [
  [
    'AllergyIntolerance',
    'charting.recordAllergy',
    {
      kind: 'allergy',
      given: {
        ...{ substance: { text: 'Penicillin', coding: CODING }, category: ['medication'], criticality: 'high' },
        ...{ verification: 'confirmed', onset: '2021-03', note: 'Told by her daughter' },
        reactions: [
          { manifestation: named('Hives'), severity: 'moderate' },
          { manifestation: named('Wheeze'), severity: null },
        ],
      },
    },
    'reaction.severity',
    'reaction0.severity',
  ],
  [
    'Condition',
    'charting.recordProblem',
    {
      kind: 'problem',
      given: {
        problem: named('Asthma'),
        verification: 'provisional',
        severity: 'mild',
        onset: '2020-02-29',
        note: 'x',
      },
    },
    'onsetDateTime',
    'onset',
  ],
  [
    'MedicationStatement',
    'charting.recordMedication',
    {
      kind: 'medication',
      given: {
        ...{ drug: named('Digoxin'), status: 'on-hold', dose: { value: '0.0625', unit: 'mg' }, route: 'oral' },
        ...{ frequency: { times: 2, period: 3, unit: 'wk' }, asNeeded: true, instruction: 'with food', since: '2019' },
        note: 'x',
      },
    },
    'dosage.doseAndRate.doseQuantity.value',
    'dose',
  ],
  [
    'Task',
    'charting.recordTask',
    { kind: 'task', given: { title: 'Dressing', owner: null, due: '2199-01-02', priority: 'stat', note: 'x' } },
    'priority',
    'priority',
  ],
  [
    'Immunization',
    'charting.recordImmunization',
    {
      kind: 'immunization',
      given: {
        ...{ vaccine: named('Influenza'), occurrence: '2026-02-28', notDone: null, lot: 'AB1', expiry: '2199-03-12' },
        ...{ site: 'left-arm', route: 'intramuscular', dose: '0.50', doseNumber: 2, note: 'x' },
      },
    },
    'lotNumber',
    'lot',
  ],
];

describe.each(CASES)('a rejected %s', (type, call, rejected, at, name) => {
  it('opens in its form as it was typed, with the reason above and at its field, and takes the place of the old one', async () => {
    const app = await correct(type, rejected, { problem: problemAt(at) });
    expect(screen.getByTestId('correct-reason').textContent).toContain('The server says: Not so');
    expect(saidOf(name)).toContain('A value is not one that the server takes.');
    expect(field(name).getAttribute('aria-invalid')).toBe('true');
    expect((screen.getByTestId('form-save') as HTMLButtonElement).disabled).toBe(true);
    fill('note', 'Corrected');
    saveTwice();
    await waitFor(() => expect(screen.queryByTestId('form-dialog')).toBeNull());
    const request = { patientId: 'p0', corrects: changeId, ...rejected.given, note: 'Corrected' };
    expect(sent(app)).toEqual([{ call, request }]);
  });
});

it.each([
  ['Encounter', 'charting.startVisit', 'visit', { class: 'EMER' as const, reason: 'Fell' }, 'reasonCode', 'reason'],
  [
    'Specimen',
    'charting.labelSpecimen',
    'specimen',
    { type: 'urine' as const, text: 'Catheter', collected: null },
    'type.text',
    'text',
  ],
] as const)('a rejected %s keeps its number, and is corrected without being asked for one', async (...one) => {
  const [type, call, kind, own, at, name] = one;
  const given = { ...own, number: { kind: 'kept' as const } };
  const app = await correct(type, { kind, given } as Rejected, { problem: problemAt(at) });
  expect([screen.queryByTestId('field-number'), screen.queryByTestId('field-taken')]).toEqual([null, null]);
  expect(saidOf(name)).toContain('A value is not one that the server takes.');
  expect((screen.getByTestId('form-save') as HTMLButtonElement).disabled).toBe(true);
  fill(name, 'Corrected');
  save();
  await waitFor(() => expect(screen.queryByTestId('form-dialog')).toBeNull());
  expect(screen.queryByTestId('numbered')).toBeNull();
  expect(sent(app)).toEqual([
    { call, request: { patientId: 'p0', corrects: changeId, ...given, [name]: 'Corrected' } },
  ]);
});

it('is left as it was by Escape, and what was typed is a draft of the correction alone', async () => {
  const [type, , rejected] = CASES[3] as Case;
  const app = await correct(type, rejected);
  fill('title', 'Dressing, left leg');
  await waitFor(() => expect(app.writes.at(-1)?.call).toBe('drafts.keep'));
  expect(app.writes.at(-1)?.request).toMatchObject({ resourceType: 'Task', resourceId: record });
  fireEvent(screen.getByTestId('form-dialog'), new Event('cancel', { cancelable: true }));
  fireEvent.click(await screen.findByTestId('leave-dialog-confirm'));
  await waitFor(() => expect(screen.queryByTestId('form-dialog')).toBeNull());
  expect(sent(app)).toEqual([]);
});

it('what was done to a record is done again to the same version, with another reason', async () => {
  const rejected = { kind: 'deed', deed: 'stop', reason: 'Rash', end: '2026-01-02' } as const;
  const app = await correct('MedicationStatement', rejected, {
    versionId: '7',
    problem: problemAt('effectivePeriod.end'),
  });
  expect([field('reason').value, saidOf('end')]).toEqual(['Rash', expect.stringContaining('A value is not one')]);
  fill('reason', 'A rash');
  save();
  await waitFor(() => expect(screen.queryByTestId('change-dialog')).toBeNull());
  const request = {
    patientId: 'p0',
    id: record,
    versionId: '7',
    corrects: changeId,
    reason: 'A rash',
    end: '2026-01-02',
  };
  expect(sent(app)).toEqual([{ call: 'charting.stopMedication', request }]);
});
