// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { patientSummary } from '../../../../../main/cache/ingest/patient.ts';
import { plainTexts } from '../../../../../main/cache/plain-text.ts';
import type { ChartSummary } from '../../../../../preload/contract/chart.ts';
import type { PatientMark } from '../../../../../preload/contract/patients.ts';
import { Banner } from '../../../../../renderer/features/chart/Banner.tsx';
import { allergy, fakeChart, fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

const NOW = new Date('2026-03-12T15:00:00Z');
const [row, other] = fakePatients(2);
const chart = fakeChart(row!);

function draw(change: Partial<ChartSummary['patient']> = {}, rest: Partial<ChartSummary> = {}) {
  const opened: string[] = [];
  const patient = { ...chart.patient, ...change };
  render(<Banner chart={{ ...chart, ...rest, patient }} now={NOW} onPatient={(id) => opened.push(id)} />);
  return { banner: screen.getByTestId('patient-banner'), opened };
}

describe('the marks of the banner', () => {
  it.each<[PatientMark, string]>([
    ['test', 'Test patient: not a real person'],
    ['restricted', 'Confidential record (R)'],
    ['very-restricted', 'Very confidential record (V)'],
    ['label-unknown', 'Confidentiality label not known: treat as very confidential'],
  ])('say %s in words', (mark, words) => {
    expect(draw({ marks: [mark] }).banner.textContent).toContain(words);
  });

  it('lead from a merged record to the one that replaces it', () => {
    const { opened } = draw({ marks: ['merged'], replacedBy: { id: 'p9', here: true } });
    fireEvent.click(screen.getByTestId('open-replacement'));
    expect(opened).toEqual(['p9']);
  });

  it('say where the other record is not on this workstation, and lead nowhere', () => {
    const { banner } = draw({ marks: ['merged'], replacedBy: { id: 'p9', here: false } });
    expect(banner.textContent).toContain('Nothing can be written here. The other record is not on this workstation.');
    expect(screen.queryByTestId('open-replacement')).toBeNull();
  });

  it.each([
    [{ name: { family: '', given: '', prefix: '' } }, 'Name not recorded: identify the patient by other means.'],
    [{ name: { family: 'Sm\u0456th', given: 'Anna', prefix: '' } }, 'mixes letters of several alphabets'],
    [{ name: { family: 'Smi\uFFFDth', given: 'Anna', prefix: '' } }, 'characters that can’t be shown'],
    [{ birthDate: '2027-01-01' }, 'The date of birth lies in the future.'],
    [{ deceased: '2031' }, 'The date of death lies in the future.'],
    [{ birthDate: '2001-01-01', deceased: '1999-12-31' }, 'The death is dated before the birth.'],
  ])('say what in %j can’t be true or may deceive', (change, words) => {
    draw(change);
    expect(screen.getByTestId('banner-doubts').textContent).toContain(words);
  });

  it.each([
    [{ name: { family: 'Müller-Łukasz', given: 'Éva', prefix: '' } }],
    [{ name: { family: 'Иванова', given: 'Анна', prefix: '' } }],
    [{ name: { family: 'Ng Иванова', given: 'Anna', prefix: '' } }],
    [{ birthDate: '2026', deceased: '2026-03' }],
  ])('doubt nothing in %j', (change) => {
    draw(change);
    expect(screen.queryByTestId('banner-doubts')).toBeNull();
  });
});

describe('the warnings of the banner', () => {
  it('stand by kind with their dates, and a Flag among them is not said twice', () => {
    const stated = { id: 'o1', type: 'Observation' as const, encrypted: [] };
    const { banner } = draw(
      {},
      {
        stated: [
          { ...stated, warns: 'code-status', text: 'For resuscitation', date: '2026-03-12' },
          { ...stated, id: 'o2', warns: 'pregnancy', text: 'Pregnancy status: Pregnant', date: null },
        ],
      },
    );
    const status = banner.querySelector('[data-kind="code-status"]');
    // Two that contradict are both shown, the newest first.
    expect(status?.textContent).toMatch(/For resuscitation 12-Mar-2026 · Not for resuscitation .* 10-Mar-2026/);
    expect(banner.querySelector('[data-kind="pregnancy"]')?.textContent).toContain('date not recorded');
    expect(banner.textContent?.split('Not for resuscitation')).toHaveLength(2);
  });

  it('count the allergies that have no room, the high ones first', () => {
    const items = Array.from({ length: 100 }, (_, index) =>
      allergy(`x${index}`, `Substance ${index}`, { criticality: index === 99 ? 'high' : 'low' }),
    );
    draw({}, { allergies: { ...chart.allergies, items, total: 100 } });
    const said = screen.getByTestId('banner-allergies').textContent;
    expect(said).toMatch(/^allergiesSubstance 99 \(high\), /);
    expect(said).toContain('and 88 more in the allergies section');
  });
});

it('offers nothing that writes in a record that was replaced', async () => {
  const merged = { ...row!, marks: ['merged' as const] };
  const { bridge } = renderApp({ patients: [merged, other!] });
  const value = { ...chart, patient: { ...chart.patient, marks: merged.marks, replacedBy: { id: 'p1', here: true } } };
  const read = bridge.chart.read;
  Object.assign(bridge.chart, {
    read: async (request: { patientId: string }) => (request.patientId === 'p0' ? { ok: true, value } : read(request)),
  });
  const line = (await screen.findAllByTestId('patient-row')).find((one) => one.dataset['patientId'] === 'p0')!;
  expect(line.textContent).toContain('Merged');
  fireEvent.click(line);
  expect(((await screen.findByTestId('record-vital')) as HTMLButtonElement).disabled).toBe(true);
  expect(screen.queryByTestId('correct-vital')).toBeNull();
  fireEvent.keyDown(window, { key: '3' });
  expect((screen.getByTestId('note-new') as HTMLButtonElement).disabled).toBe(true);
  fireEvent.click(screen.getByTestId('open-replacement'));
  const banner = within(await screen.findByTestId('patient-banner'));
  expect(await banner.findByText(/^LINDQVIST/)).toBeTruthy();
});

it('security: any Patient is drawn, with every hidden character visible and each text on its own', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom(
      '\u202Ehtims',
      '<script>alert(1)</script>',
      '\u0000',
      'x'.repeat(5_000),
      '0000-00-00',
      '9999-12-31',
    ),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const person = fc.record(
    {
      name: fc.array(fc.record({ family: hostile, given: fc.array(hostile, { maxLength: 2 }) }), { maxLength: 2 }),
      identifier: fc.array(fc.record({ value: hostile }), { maxLength: 2 }),
      birthDate: hostile,
      deceasedDateTime: hostile,
      deceasedBoolean: hostile,
      gender: hostile,
    },
    { requiredKeys: [] },
  );
  const hidden = /(?![\n\t])\p{Cc}|[\u202A-\u202E\u2066-\u2069\u200B\uFEFF]|\p{Cs}/u;
  fc.assert(
    fc.property(person, (resource) => {
      const { family, given, prefix, birthDate, deceased, sex, mrn } = patientSummary(resource);
      const life = { birthDate, deceased: deceased === 'false' ? false : deceased === 'true' || deceased };
      const { banner } = draw(plainTexts({ name: { family, given, prefix }, ...life, sex, mrn }));
      expect(banner.textContent).not.toMatch(hidden);
      expect(banner.querySelector('script')).toBeNull();
      const heading = banner.querySelector('h1')!;
      expect(heading.textContent).not.toBe('');
      expect(heading.firstElementChild?.tagName).toBe('BDI');
      cleanup();
    }),
    { numRuns: 60 },
  );
});
