import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Audit } from '../../../main/audit/audit.ts';
import type { AuditEntry } from '../../../main/audit/events/entry.ts';
import { forms } from '../../server/data/forms.ts';
import { listOf } from '../../unit/audit/support.ts';
import { type Bridge, bridgeTo } from '../access/bridge.ts';
import { labels, openWard, type Ward } from '../access/ward.ts';

const meta = (security: object = {}) => ({
  meta: { versionId: '1', lastUpdated: '2026-03-01T10:00:00Z', ...security },
});
const [skin, , weight] = forms;
/** Asks of records of which nothing was ever fetched. */
const operations = {
  ...{ resourceType: 'Questionnaire', id: 'operations', status: 'active', title: 'Operations' },
  extension: [
    {
      url: 'http://hl7.org/fhir/StructureDefinition/variable',
      valueExpression: {
        ...{ name: 'done', language: 'application/x-fhir-query' },
        expression: 'Procedure?status=completed',
      },
    },
  ],
  item: [
    {
      ...{ linkId: 'n', type: 'integer', text: 'Operations so far' },
      extension: [
        {
          url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression',
          valueExpression: { language: 'text/fhirpath', expression: '%done.total' },
        },
      ],
    },
  ],
};

function weighed(patient: string, value: number, day: string, more: object = {}): object {
  return {
    ...{ resourceType: 'Observation', id: `${patient}-${day}`, status: 'final', ...meta(more) },
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    subject: { reference: `Patient/${patient}` },
    effectiveDateTime: day,
    valueQuantity: { value, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  };
}

interface Opened {
  answers: object;
  prefilled: object[];
  openedAt: string;
  state: { lines: object[] };
}

describe('forms for a patient', () => {
  let ward: Ward;
  let bridge: Bridge;
  const recorded: AuditEntry[] = [];
  const audit: Pick<Audit, 'record'> = {
    async record(entries) {
      recorded.push(...listOf(entries));
      return { ok: true, value: undefined };
    },
  };
  beforeAll(async () => {
    const more = [
      { ...skin, ...meta() },
      { ...weight, ...meta() },
      { ...skin, ...meta(), id: 'old', url: 'urn:x:old', status: 'retired' },
      { ...skin, ...meta({ security: labels.R }), id: 'secret', url: 'urn:x:secret' },
      weighed('mine', 71, '2026-01-02'),
      weighed('mine', 70, '2026-02-02', { security: labels.R }),
      weighed('foreign', 99, '2026-02-03'),
      weighed('plain', 64, '2026-01-02'),
      { ...operations, ...meta() },
    ];
    ward = await openWard(
      [
        { id: 'mine', relation: 'care-team', label: 'none' },
        { id: 'plain', relation: 'care-team', label: 'none' },
        { id: 'foreign', relation: 'none', label: 'none' },
      ],
      more,
    );
    bridge = bridgeTo({ ...ward, audit, fillsForms: true });
  });
  afterAll(async () => {
    await bridge.close();
    await ward.close();
  });

  const ask = async (call: string, request: object) => {
    const answer = (await bridge.ask(call, request)) as { ok: boolean; value?: unknown; error?: { code: string } };
    return (answer.ok ? answer.value : answer.error?.code) as never;
  };
  const open = (id: string, patientId = 'mine') => ask('forms.open', { patientId, id, openedAt: null });
  const answers = { '|feels': '3', '|moist': '3', '|walks': '3', '|turns': '3', '|eats': '2' };

  it('security: lists those in use that may be seen, and none to who may not write their answers', async () => {
    const { items } = (await ask('forms.list', { patientId: 'mine' })) as { items: { id: string }[] };
    expect(items.map(({ id }) => id)).toEqual(['operations', 'pain-and-weight', 'skin-risk']);
    expect(await open('old')).toBe('not-found');
    expect(await open('secret')).toBe('not-found');
    expect(await ask('forms.list', { patientId: 'foreign' })).toBe('not-permitted');
  });

  it('security: are filled in from this patient’s records that may be seen, once that is recorded', async () => {
    recorded.length = 0;
    const form = (await open('pain-and-weight', 'plain')) as Opened;
    expect(form.answers).toMatchObject({ '|before': '64' });
    expect(form.prefilled).toEqual([{ key: '|before', at: '2026-01-02' }]);
    expect(recorded).toEqual([
      expect.objectContaining({ action: 'read', view: 'forms.open', resource: 'Questionnaire/pain-and-weight' }),
    ]);
    recorded.length = 0;
    expect(await open('pain-and-weight', 'foreign')).toBe('not-permitted');
    expect(recorded).toEqual([
      expect.objectContaining({ action: 'denied', attempted: 'create', patientId: 'foreign' }),
    ]);
  });

  it('security: take nothing of a value that may not be seen, and no older one for it', async () => {
    const form = (await open('pain-and-weight')) as Opened;
    expect(form.answers).toEqual({});
    expect(form.state.lines).toContainEqual(expect.objectContaining({ key: '|before', unknown: 'not-permitted' }));
    expect(JSON.stringify(form)).not.toMatch(/"7[01]"/);
  });

  it('take what was never fetched for unknown, and not for none', async () => {
    const form = (await open('operations')) as Opened;
    expect(form.answers).toEqual({});
    expect(form.state.lines).toMatchObject([{ key: '|n', unknown: 'not-synced' }]);
  });

  it('go by the reading of a draft that is gone on with, unless the clock was put back before it', async () => {
    const at = async (openedAt: string) =>
      ((await ask('forms.open', { patientId: 'plain', id: 'skin-risk', openedAt })) as Opened).openedAt;
    expect(await at('2026-02-27T23:59:00.000+01:00')).toBe('2026-02-27T23:59:00.000+01:00');
    expect(await at('2026-03-02T00:00:00.000+01:00')).toBe('2026-03-01T11:00:00.000+01:00');
    const yesterday = { patientId: 'plain', id: 'skin-risk', openedAt: 'yesterday' };
    expect(await ask('forms.open', yesterday)).toBe('bad-request');
  });

  it('are worked out only while they stand open', async () => {
    const request = { patientId: 'mine', id: 'skin-risk', answers };
    expect(await ask('forms.evaluate', request)).toBe('form-closed');
    await open('skin-risk');
    expect(await ask('forms.evaluate', request)).toMatchObject({ lines: expect.any(Array), faults: [] });
    expect(await ask('forms.evaluate', { ...request, patientId: 'foreign' })).toBe('form-closed');
  });

  it('security: are recorded as they were shown and complete, or not at all', async () => {
    await open('skin-risk');
    const shown = (await ask('forms.evaluate', { patientId: 'mine', id: 'skin-risk', answers })) as { digest: string };
    const request = { patientId: 'mine', formId: 'skin-risk', versionId: '1', answers, digest: shown.digest };
    const { '|eats': _left, ...part } = answers;
    const partly = (await ask('forms.evaluate', { patientId: 'mine', id: 'skin-risk', answers: part })) as typeof shown;
    const record = (more: object) => ask('charting.recordForm', { ...request, ...more });
    expect(await record({ answers: part, digest: partly.digest })).toBe('form-incomplete');
    expect(await record({ answers: part })).toBe('form-changed');
    expect(await record({ versionId: '2' })).toBe('form-closed');
    expect(await record({ patientId: 'foreign' })).toBe('not-permitted');
    const saved = await record({});
    expect(saved).toMatchObject({ id: expect.any(String) });
    const { id } = saved as { id: string };
    const listed = (await ask('sync.changes', {})) as { items: { title: string; resourceId: string }[] };
    expect(listed.items).toEqual([expect.objectContaining({ title: 'Form: Skin risk check', resourceId: id })]);
    const written = await ask('timeline.record', {
      ...{ patientId: 'mine', type: 'QuestionnaireResponse', id, version: null },
    });
    expect(JSON.stringify(written)).toContain('Skin risk check');
    const words = [...JSON.stringify(written).matchAll(/"text":"([^"]*)"/g)].map(([, word]) => word).join('');
    expect(words).toContain('Score, 5 to 20: 19');
  });
});
