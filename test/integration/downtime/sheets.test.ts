import { randomUUID } from 'node:crypto';
import type { AuditEvent } from 'fhir/r4';
import { afterEach, describe, expect, it } from 'vitest';
import { type AccessOptions, createAccess } from '../../../main/access/access.ts';
import { createSheets } from '../../../main/access/sheets.ts';
import { factOf, isChart, isOutput } from '../../../main/audit/alarms/facts.ts';
import type { Audit } from '../../../main/audit/audit.ts';
import { binderHtml } from '../../../main/downtime/html.ts';
import { sheetBlocks } from '../../../main/downtime/sheet.ts';
import { wordsIn } from '../../../main/downtime/words.ts';
import { engineOf } from '../access/bridge.ts';
import {
  bring,
  canaryOf,
  type Label,
  openWard,
  practitionerOf,
  type Role,
  type Ward,
  type WardPatient,
} from '../access/ward.ts';

const SINCE = '2026-02-28T10:00:00Z';
const server = 'https://s.example';

let ward: Ward;
afterEach(() => ward.close());

function sheetsFor(role: Role, options: Partial<AccessOptions> = {}, audit: Pick<Audit, 'record'> = ward.audit) {
  const practitioner = practitionerOf(role);
  const access = createAccess({
    cache: ward.cache,
    engine: engineOf(),
    practitioner,
    scopes: () => null,
    conditions: () => ({ offline: true, managed: false, hour: 3 }),
    grantOf: () => null,
    now: () => '2026-03-01T10:00:00Z',
    ...options,
  });
  return createSheets({ access, audit, cache: ward.cache, practitioner, server, testPatients: ['urn:x|TEST-1'] });
}

const patient = (id: string, label: Label, more: Partial<WardPatient> = {}): WardPatient => ({
  id,
  relation: 'care-team',
  label,
  ...more,
});

const words = wordsIn('en');
const facts = { words, host: 's.example', now: Date.parse('2026-03-01T11:00:00Z'), gridStartHour: 6 };

/** Everything that would be printed of a patient; null where nothing may. */
async function printed(sheets: ReturnType<typeof sheetsFor>, { id }: WardPatient): Promise<string | null> {
  const answer = await sheets.sheet(id, SINCE);
  return answer.ok ? binderHtml(words, [sheetBlocks(answer.value, facts, null)], 'foot', 'A4') : null;
}

describe('security: what stands on a downtime sheet', () => {
  it('security: holds nothing that is labelled, says that it is withheld, and states no absence', async () => {
    const labelled = (['R', 'V', 'N+V', 'HIV', 'R+PSY', 'unknown', 'local'] as const).map((label, index) =>
      patient(`p${index}`, label),
    );
    ward = await openWard(labelled);
    // What was opened for a time would show it on the screen.
    const sheets = sheetsFor('nurse', { grantOf: () => ({ kind: 'purpose', purpose: 'TREAT' }) });
    for (const one of labelled) {
      const html = (await printed(sheets, one)) ?? '';
      expect(html).toContain(canaryOf(one, 'patient').toUpperCase());
      expect(html.toLowerCase()).not.toContain(canaryOf(one, 'labelled').toLowerCase());
      expect(html).toMatch(/WITHHELD|may not be viewed/);
      expect(html).not.toMatch(/NONE RECORDED|No known|Code status: none recorded|None in 24 h/);
    }
  });

  it('holds what is not restricted: medicines, allergies, problems, alerts and the values of the last day', async () => {
    const one = patient('p', 'none');
    ward = await openWard([one]);
    const html = (await printed(sheetsFor('nurse'), one)) ?? '';
    for (const what of ['drug', 'allergy', 'problem', 'alert', 'code', 'ward', 'unit']) {
      expect(html).toContain(`${canaryOf(one, 'labelled')}${what}`);
    }
    const answer = await sheetsFor('nurse').sheet('p', '2026-03-01T10:00:01Z');
    expect(answer).toMatchObject({ ok: true, value: { recentVitals: { items: [], more: false } } });
  });

  it('security: is none for a patient whose identity is restricted, of nobody’s care, or for whom printing is denied', async () => {
    const [hidden, foreign, mine] = [
      patient('hidden', 'none', { identity: 'V' }),
      patient('foreign', 'none', { relation: 'none' }),
      patient('mine', 'none'),
    ];
    ward = await openWard([hidden, foreign, mine]);
    expect(await printed(sheetsFor('nurse'), hidden)).toBeNull();
    expect(
      await printed(sheetsFor('nurse', { grantOf: () => ({ kind: 'emergency', purpose: 'BTG' }) }), foreign),
    ).toBeNull();
    expect(await printed(sheetsFor('student'), mine)).toBeNull();
    const events = (await ward.events()) as unknown as AuditEvent[];
    expect(events.map(({ outcome }) => outcome)).toEqual(['4', '4', '4']);
  });

  it('security: leaves an event for each patient before it is there, with whose, why and where to', async () => {
    const [one, other] = [patient('one', 'none'), patient('other', 'none')];
    ward = await openWard([one, other]);
    const sheets = sheetsFor('nurse');
    await printed(sheets, one);
    await sheets.use(['one', 'other'], 'open');
    await sheets.use(['one', 'other'], 'print');
    await sheets.use(['one'], 'save');
    const events = (await ward.events()) as unknown as AuditEvent[];
    const told = events.map((event) => {
      const fact = factOf(event);
      return `${fact.action} ${fact.patientId} ${isOutput(fact) ? 'output' : ''}${isChart(fact) ? 'chart' : ''}`.trim();
    });
    // What stays in the encrypted binder is neither: nobody has chosen its patients one by one.
    expect(told).toEqual([
      'export one',
      'read one',
      'read other',
      'print one output',
      'print other output',
      'export one output',
    ]);
    expect(events.every(({ purposeOfEvent }) => purposeOfEvent?.[0]?.coding?.[0]?.code === 'TREAT')).toBe(true);
  });

  it('security: is refused where the event can’t be written', async () => {
    const one = patient('p', 'none');
    ward = await openWard([one]);
    const record: Audit['record'] = async () => ({ ok: false, error: { code: 'audit-unavailable' } });
    const sheets = sheetsFor('nurse', {}, { record });
    expect(await sheets.sheet('p', SINCE)).toEqual({ ok: false, error: { code: 'audit-unavailable' } });
    expect(await sheets.use(['p'], 'print')).toEqual({ ok: false, error: { code: 'audit-unavailable' } });
  });

  it('security: may not be used any longer once one of its patients was restricted, and nothing is half done', async () => {
    const [one, other] = [patient('one', 'none'), patient('other', 'none')];
    ward = await openWard([one, other]);
    const sheets = sheetsFor('nurse');
    expect((await sheets.use(['one', 'other'], 'print')).ok).toBe(true);
    const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' }];
    const meta = { versionId: '2', lastUpdated: '2026-03-01T10:30:00Z', security };
    await bring(ward.cache, { resourceType: 'Patient', id: 'other', meta, name: [{ family: 'Other' }] });
    expect(await sheets.use(['one', 'other'], 'print')).toEqual({ ok: false, error: { code: 'not-permitted' } });
    const prints = ((await ward.events()) as unknown as AuditEvent[])
      .map(factOf)
      .filter(({ action }) => action === 'print');
    expect(prints.length).toBe(2);
  });

  it('marks a patient whom policy tells to be a test patient, and a record that was replaced', async () => {
    const one = patient('p', 'none');
    ward = await openWard([one]);
    await bring(ward.cache, {
      resourceType: 'Patient',
      id: 'p',
      meta: { versionId: '2', lastUpdated: '2026-03-01T10:30:00Z' },
      name: [{ family: 'One' }],
      identifier: [{ system: 'urn:x', value: 'TEST-1' }],
      link: [{ type: 'replaced-by', other: { reference: 'Patient/q' } }],
    });
    expect(await printed(sheetsFor('nurse'), one)).toMatch(/MERGED.*TEST PATIENT/);
  });

  it('tells of changes that are not sent yet', async () => {
    const one = patient('p', 'none');
    ward = await openWard([one]);
    const added = await ward.cache.outbox.add({
      patientId: 'p',
      type: 'Observation',
      resourceId: randomUUID(),
      action: 'create',
      baseVersionId: null,
      body: JSON.stringify({
        ...{ resourceType: 'Observation', id: 'x', status: 'final', subject: { reference: 'Patient/p' } },
        ...{ identifier: [{ system: 'urn:ietf:rfc:3986', value: `urn:uuid:${randomUUID()}` }] },
        code: { text: 'Heart rate' },
        valueQuantity: { value: 44, unit: '/min' },
      }),
      title: 'Heart rate 44 /min',
      author: practitionerOf('nurse'),
      changedAt: '2026-03-01T10:50:00Z',
    });
    expect(added.ok).toBe(true);
    expect(await printed(sheetsFor('nurse'), one)).toMatch(/NOT YET SENT.*Heart rate 44 \/min/s);
  });
});
