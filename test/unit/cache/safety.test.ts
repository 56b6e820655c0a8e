import { describe, expect, test } from 'vitest';
import { deviceView, immunizationView } from '../../../main/cache/views/background.ts';
import { careTeamView } from '../../../main/cache/views/care-team.ts';
import {
  conditionWarns,
  consentStated,
  flagWarns,
  observationStated,
  PREGNANCY_DAYS,
} from '../../../main/cache/views/safety.ts';
import { placeholder } from '../../../preload/contract/placeholders.ts';
import { inEnglish } from '../../support/in-english.ts';

const NOW = Date.parse('2026-03-12T14:32:00Z');
const DAY = 86_400_000;
const daysAgo = (days: number) => new Date(NOW - days * DAY).toISOString();
const snomed = (code: string) => ({ code: { coding: [{ system: 'http://snomed.info/sct', code }] } });
const icd = (code: string) => ({ code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code }] } });

describe('a Flag', () => {
  test.each([
    ['not for resuscitation', snomed('304253006'), 'code-status'],
    ['for resuscitation', snomed('304252001'), 'code-status'],
    ['isolation', snomed('40174006'), 'infection'],
    ['contact precautions', snomed('409529001'), 'infection'],
    ['a category of infection control', { category: [{ coding: [{ code: 'infection-control' }] }] }, 'infection'],
    ['an advance directive', { category: [{ coding: [{ code: 'advance-directive' }] }] }, 'code-status'],
    ['a risk of falls', snomed('129839007'), null],
    ['the same number of another system', { code: { coding: [{ system: 'urn:x', code: '304253006' }] } }, null],
    ['words alone', { code: { text: 'Not for resuscitation' } }, null],
  ])('%s', (_, flag, warns) => {
    expect(flagWarns(flag)).toBe(warns);
  });
});

describe('a Condition', () => {
  const pregnant = snomed('77386006');

  test.each([
    ['a carrier', icd('Z22.322'), 'infection'],
    ['MRSA', snomed('266096002'), 'infection'],
    ['not for resuscitation', snomed('304253006'), 'code-status'],
    ['not for resuscitation by ICD-10', icd('Z66'), 'code-status'],
    ['resistance by the version of CM', icd('Z16.11'), 'infection'],
    ['resistance to methicillin by WHO’s version of 2019', icd('U82.1'), 'infection'],
    ['resistance by WHO’s version of 2011', icd('U89.9'), 'infection'],
    ['MRSA by the German version', icd('U80.00'), 'infection'],
    ['MRSA as the cause', icd('B95.62'), 'infection'],
    ['COVID-19 without the virus', icd('U07.2'), 'infection'],
    ['resistance to antineoplastic drugs', icd('U85'), null],
    ['another staphylococcus', icd('B95.61'), null],
    ['prophylactic fluoride', icd('Z29.3'), null],
    ['a fracture', icd('S72.0'), null],
    ['COVID-19 that is resolved', { ...icd('U07.1'), clinicalStatus: { coding: [{ code: 'resolved' }] } }, null],
    ['COVID-19 that was refuted', { ...icd('U07.1'), verificationStatus: { coding: [{ code: 'refuted' }] } }, null],
    ['pregnancy', { ...pregnant, onsetDateTime: daysAgo(90) }, 'pregnancy'],
    ['pregnancy by ICD-10', { ...icd('O09.90'), recordedDate: daysAgo(10) }, 'pregnancy'],
    ['a high-risk pregnancy by WHO’s version', { ...icd('Z35.9'), recordedDate: daysAgo(10) }, 'pregnancy'],
    ['antenatal screening', { ...icd('Z36'), recordedDate: daysAgo(10) }, 'pregnancy'],
    ['pre-eclampsia in pregnancy', { ...icd('O14.13'), recordedDate: daysAgo(10) }, 'pregnancy'],
    ['pre-eclampsia by WHO’s version', { ...icd('O14.1'), recordedDate: daysAgo(10) }, 'pregnancy'],
    ['diabetes in pregnancy', { ...icd('O24.410'), recordedDate: daysAgo(10) }, 'pregnancy'],
    ['pre-eclampsia that complicates the birth', icd('O14.14'), null],
    ['pre-eclampsia in childbed', icd('O14.15'), null],
    ['hypertension in childbed', icd('O10.03'), null],
    ['diabetes in childbed', icd('O24.430'), null],
    ['eclampsia in childbed', icd('O15.2'), null],
    ['a miscarriage', icd('O03.9'), null],
    ['a termination', icd('Z33.2'), null],
    ['a birth', icd('O80'), null],
    ['pregnancy up to its bound', { ...pregnant, onsetDateTime: daysAgo(PREGNANCY_DAYS) }, 'pregnancy'],
    ['pregnancy that nobody has ended', { ...pregnant, onsetDateTime: daysAgo(PREGNANCY_DAYS + 1) }, null],
    ['pregnancy without a date', pregnant, 'pregnancy'],
  ])('%s', (_, condition, warns) => {
    expect(conditionWarns(condition, NOW)).toBe(warns);
  });
});

describe('an Observation', () => {
  const pregnancy = (code: string, at: string | null) => ({
    id: 'o',
    code: { text: 'Pregnancy status' },
    ...(at && { effectiveDateTime: at }),
    valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code, display: code }] },
  });
  const about = { warns: 'pregnancy', contradicted: false, now: NOW } as const;

  test('tells of a pregnancy with its date, while it is recent', () => {
    const at = daysAgo(30);
    const told = observationStated(pregnancy('LA15173-0', at), about);
    expect(told).toMatchObject({ warns: 'pregnancy', text: 'Pregnancy status: LA15173-0', date: at });
    expect(observationStated(pregnancy('LA15173-0', daysAgo(PREGNANCY_DAYS + 1)), about)).toBeNull();
    expect(observationStated(pregnancy('LA4489-6', at), about)).not.toBeNull();
  });

  test('tells that there is none only where a Condition says that there is one', () => {
    const none = pregnancy('LA26683-5', daysAgo(30));
    expect(observationStated(none, about)).toBeNull();
    expect(observationStated(none, { ...about, contradicted: true })).not.toBeNull();
  });

  test('tells a code status in the words of the record, however old', () => {
    const dnr = { id: 'o', code: { text: 'DNR order is in place' }, valueBoolean: false, effectiveDateTime: '2011' };
    expect(inEnglish(observationStated(dnr, { ...about, warns: 'code-status' }))).toMatchObject({
      text: 'DNR order is in place: no',
      date: '2011',
    });
  });
});

test('a Consent is told where it is an active advance directive', () => {
  const dnr = { id: 'c', status: 'active', category: [{ coding: [{ code: 'dnr', display: 'Do Not Resuscitate' }] }] };
  expect(consentStated(dnr)).toMatchObject({ warns: 'code-status', text: 'Do Not Resuscitate' });
  expect(consentStated({ ...dnr, status: 'inactive' })).toBeNull();
  expect(consentStated({ ...dnr, category: [{ coding: [{ code: 'research' }] }] })).toBeNull();
});

test('an implant is as safe in a magnet as the gravest of its codes, and nothing coded is not safe', () => {
  const safety = (...codes: string[]) => ({ safety: codes.map((code) => ({ coding: [{ code }] })) });
  expect(deviceView(safety('C106045', 'C106047')).mri).toBe('unsafe');
  expect(deviceView(safety('C106045')).mri).toBe('safe');
  expect(deviceView(safety('constructor')).mri).toBeNull();
  expect(deviceView({}).mri).toBeNull();
});

test('an immunisation tells its dose in the series, and its lot', () => {
  const given = { protocolApplied: [{ doseNumberPositiveInt: 2, seriesDosesPositiveInt: 3 }], lotNumber: 'A1' };
  expect(immunizationView(given)).toMatchObject({ dose: '2', series: '3', lot: 'A1', date: null });
});

test('a care team shows who is on it now, reached by the role’s numbers before the person’s, never at home', () => {
  const cached: Record<string, unknown> = {
    'PractitionerRole/r': {
      practitioner: { reference: 'Practitioner/a', display: 'Dr A' },
      code: [{ text: 'Registrar' }],
      telecom: [{ system: 'pager', value: '4471' }],
    },
    'Practitioner/a': {
      telecom: [
        { system: 'phone', value: '01632 960001', use: 'work' },
        { system: 'phone', value: '01632 960002', use: 'home' },
        { system: 'phone', value: '01632 960003', use: 'old' },
        { system: 'pager', value: '4471' },
      ],
    },
  };
  const participant = [
    { member: { reference: 'PractitionerRole/r' } },
    { member: { display: 'Dr Gone' }, period: { end: '2020-01-01' } },
    { member: { reference: 'Practitioner/missing' } },
  ];
  expect(careTeamView({ id: 't', participant }, (one) => cached[String(one)], NOW).members).toEqual([
    {
      name: 'Dr A',
      role: 'Registrar',
      contacts: [
        { kind: 'pager', value: '4471' },
        { kind: 'phone', value: '01632 960001' },
      ],
    },
    { name: placeholder('person'), role: null, contacts: [] },
  ]);
});
