import { describe, expect, test } from 'vitest';
import { allergyBucket, bucketOf, HIDDEN } from '../../../main/cache/ingest/buckets.ts';
import { parseExact } from '../../../main/cache/json.ts';
import { allergyStatement, allergyView } from '../../../main/cache/views/allergies.ts';
import { medicationView } from '../../../main/cache/views/medications.ts';
import { decodeText, noteTextView } from '../../../main/cache/views/notes.ts';
import { observationView } from '../../../main/cache/views/observations.ts';
import { placeholder } from '../../../preload/contract/placeholders.ts';
import { inEnglish } from '../../support/in-english.ts';

const SNOMED = 'http://snomed.info/sct';
const nothing = () => undefined;
const exact = (resource: object) => parseExact(JSON.stringify(resource));

function status(name: string, code: string) {
  return { [name]: { coding: [{ code }] } };
}

describe('allergies', () => {
  const none = { code: { coding: [{ system: SNOMED, code: '716186003' }] } };
  const noDrug = { code: { coding: [{ system: SNOMED, code: '409137002' }] } };
  const noFood = { code: { coding: [{ system: SNOMED, code: '429625007' }] } };
  const nuts = { code: { text: 'Nuts' } };
  const active = status('clinicalStatus', 'active');
  const resolved = status('clinicalStatus', 'resolved');
  const refuted = status('verificationStatus', 'refuted');
  const wrong = status('verificationStatus', 'entered-in-error');

  test.each([
    ['nothing', [], 'complete', 'none-recorded'],
    ['nothing, partial', [], 'partial', 'not-fetched'],
    ['nothing, never fetched', [], 'not-fetched', 'not-fetched'],
    ['nothing, refused', [], 'not-permitted', 'not-permitted'],
    ['an active allergy', [{ ...nuts, ...active }], 'complete', 'recorded'],
    ['an allergy without status', [nuts], 'complete', 'recorded'],
    ['an active allergy, partial', [nuts], 'partial', 'recorded'],
    ['a resolved allergy', [{ ...nuts, ...resolved }], 'complete', 'none-recorded'],
    ['a refuted allergy', [{ ...nuts, ...active, ...refuted }], 'complete', 'none-recorded'],
    ['an allergy in error', [{ ...nuts, ...active, ...wrong }], 'complete', 'none-recorded'],
    ['a coded absence', [{ ...none, ...active }], 'complete', 'none-known'],
    ['a coded absence without status', [none], 'complete', 'none-known'],
    ['a coded absence, partial', [none], 'partial', 'not-fetched'],
    ['a coded absence, refused', [none], 'not-permitted', 'not-permitted'],
    ['a refuted absence', [{ ...none, ...refuted }], 'complete', 'none-recorded'],
    ['an absence in error', [{ ...none, ...wrong }], 'complete', 'none-recorded'],
    ['an inactive absence', [{ ...none, ...resolved }], 'complete', 'none-recorded'],
    ['an absence and an allergy', [none, nuts], 'complete', 'recorded'],
    ['an absence and a resolved allergy', [none, { ...nuts, ...resolved }], 'complete', 'none-known'],
    ['no drug allergy', [noDrug], 'complete', 'no-known-drug-allergy'],
    ['no drug allergy and none at all', [noDrug, none], 'complete', 'none-known'],
    ['no food allergy', [noFood], 'complete', 'none-recorded'],
    [
      'the code of another system',
      [{ code: { coding: [{ system: 'urn:mine', code: '716186003' }] } }],
      'complete',
      'recorded',
    ],
    ['words alone', [{ code: { text: 'No known allergies' } }], 'complete', 'recorded'],
  ] as const)('%s', (_, resources, state, expected) => {
    const buckets = new Set(resources.map((one) => bucketOf('AllergyIntolerance', one)));
    expect(allergyStatement(buckets, state, { restricted: null, denied: false })).toBe(expected);
  });

  test('entered in error is hidden, and an absence is listed nowhere', () => {
    expect(bucketOf('AllergyIntolerance', wrong)).toBe(HIDDEN);
    expect(bucketOf('AllergyIntolerance', none)).toBe(allergyBucket.noneKnown);
    expect(bucketOf('AllergyIntolerance', { ...nuts, ...refuted })).toBe(allergyBucket.refuted);
  });

  test('show the substance of the reaction where the code is missing', () => {
    const view = allergyView({
      id: 'a',
      reaction: [{ substance: { text: 'Latex' }, manifestation: [{ text: 'Rash' }], severity: 'mild' }],
    });
    expect(view).toMatchObject({
      substance: 'Latex',
      clinicalStatus: 'unknown',
      reactions: [{ manifestation: 'Rash', severity: 'mild' }],
    });
  });
});

describe('an observation', () => {
  const quantity = (text: string, more = '') => `{"value":${text},"unit":"mmol/L","code":"mmol/L"${more}}`;
  const show = (members: string) => {
    const { value, unit, flag, range } = observationView(
      parseExact(`{"resourceType":"Observation","id":"o",${members}}`),
    );
    return [value, unit, flag, range];
  };

  test.each(['1.50', '1e2', '0.00', '-4.0', '100000000000000000001', '5.4E-3'])('keeps the digits of %s', (text) => {
    expect(show(`"valueQuantity":${quantity(text)}`)).toEqual([text, 'mmol/L', null, null]);
    expect(show(`"valueQuantity":${quantity(text, ',"comparator":"<"')}`)[0]).toBe(`<${text}`);
  });

  const limits = (unit = 'mmol/L') =>
    `"referenceRange":[{"low":{"value":3.50,"unit":"${unit}"},"high":{"value":5.0,"unit":"${unit}"}}]`;
  test.each([
    ['3.4', '', limits(), 'low'],
    ['3.5', '', limits(), 'normal'],
    ['5.1', '', limits(), 'high'],
    ['5.1', '', limits('mg/dL'), null],
    ['5.1', '', `${limits()},"interpretation":[{"coding":[{"code":"HH"}]}]`, 'critical-high'],
    ['5.1', '', '"interpretation":[{"coding":[{"code":"N"}]},{"coding":[{"code":"LL"}]}]', 'critical-low'],
    ['5.1', '', '"interpretation":[{"coding":[{"code":"toString"}]}]', null],
    ['5.1', '', '"referenceRange":[{"high":{"value":5}},{"high":{"value":9}}]', null],
    ['3.0', ',"comparator":"<"', limits(), 'low'],
    ['4.0', ',"comparator":"<"', limits(), null],
    ['9.0', ',"comparator":">"', limits(), 'high'],
    ['4.0', ',"comparator":">"', limits(), null],
  ])('of %s%s is flagged by %s as %s', (text, comparator, more, expected) => {
    expect(show(`"valueQuantity":${quantity(text, comparator)},${more}`)[2]).toBe(expected);
  });

  test('shows its reference range as written', () => {
    expect(show(`"valueQuantity":${quantity('4')},${limits()}`)[3]).toBe('3.50–5.0 mmol/L');
    expect(show('"referenceRange":[{"text":"negative"},{"low":{"value":1}}]')[3]).toBe('negative; ≥ 1');
  });

  const component = (code: string, value: string, unit = 'mmHg') =>
    `{"code":{"coding":[{"system":"http://loinc.org","code":"${code}"}],"text":"C${code}"},"valueQuantity":{"value":${value},"unit":"${unit}"}}`;
  test.each([
    ['"valueCodeableConcept":{"text":"Positive"}', 'Positive', null],
    ['"valueString":"  clear "', 'clear', null],
    ['"valueBoolean":false', 'no', null],
    ['"valueInteger":7', '7', null],
    ['"valueRange":{"low":{"value":1.0},"high":{"value":2.0}}', '1.0–2.0', null],
    ['"valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}', '1:128', null],
    ['"valueSampledData":{"data":"1 2"}', 'waveform', null],
    ['"valueDateTime":"2024-01-01"', '2024-01-01', null],
    ['"dataAbsentReason":{"text":"Refused"}', 'not available: Refused', null],
    ['"status":"registered"', 'no value', null],
    [`"component":[${component('8462-4', '80')},${component('8480-6', '120.0')}]`, '120.0/80', 'mmHg'],
    [
      `"component":[${component('8462-4', '10', 'kPa')},${component('8480-6', '120')}]`,
      'C8462-4: 10 kPa; C8480-6: 120 mmHg',
      null,
    ],
    [`"component":[${component('8480-6', '120')}]`, 'C8480-6: 120 mmHg', null],
  ])('with %s says %s', (members, value, unit) => {
    expect(inEnglish(show(members).slice(0, 2))).toEqual([value, unit]);
  });
});

describe('a medication', () => {
  test.each([
    [{ medicationCodeableConcept: { coding: [{ code: '1', display: 'Aspirin' }] } }, 'Aspirin'],
    [{ medicationReference: { reference: '#m' }, contained: [{ id: 'm', code: { text: 'Inside' } }] }, 'Inside'],
    [{ medicationReference: { reference: 'Medication/m' } }, 'Cached'],
    [{ medicationReference: { reference: 'Medication/m', display: 'Shown' } }, 'Shown'],
    [{}, placeholder('medicine')],
    [{ medicationCodeableConcept: { text: 'Aspirin' }, doNotPerform: true }, 'DO NOT GIVE: Aspirin'],
  ])('%j is called %s', (resource, drug) => {
    const lookup = (reference: unknown) => (reference === 'Medication/m' ? { code: { text: 'Cached' } } : undefined);
    expect(inEnglish(medicationView(exact({ ...resource }), lookup).drug)).toBe(drug);
  });

  test('tells the dose from its text, or from its parts', () => {
    const dosage = (text: string) =>
      inEnglish(
        medicationView(parseExact(`{"resourceType":"MedicationRequest","dosageInstruction":${text}}`), nothing),
      );
    expect(dosage('[{"text":"1 tablet"},{"text":"2 at night"}]').dosage).toBe('1 tablet; 2 at night');
    const built = dosage(
      '[{"asNeededBoolean":true,"route":{"text":"oral"},"doseAndRate":[{"doseQuantity":{"value":2.50,"unit":"mg"}}],"timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}}}]',
    );
    expect(built).toMatchObject({ dosage: '2.5 mg, oral, twice daily', asNeeded: true, written: false });
    expect(dosage('[{"timing":{"repeat":{"period":1,"periodUnit":"constructor"}}}]').dosage).toBe('');
  });

  test('a proposal says that it is one', () => {
    expect(medicationView({ status: 'active', intent: 'proposal' }, nothing).status).toBe('active (proposal)');
    expect(medicationView({ status: 'active', intent: 'order' }, nothing).status).toBe('active');
  });
});

describe('a note', () => {
  const read = (attachment: object, lookup: (reference: unknown) => unknown = nothing) =>
    noteTextView({ id: 'n', content: [{ attachment }] }, lookup);
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  test('is read as text, from itself or from a Binary', () => {
    expect(read({ contentType: 'text/plain; charset=utf-8', data: base64('Müde\n<b>') }).body).toBe('Müde\n<b>');
    const binary = (url: unknown) => (url === 'Binary/b' ? { data: base64('far') } : undefined);
    expect(read({ contentType: 'text/plain', url: 'Binary/b' }, binary).body).toBe('far');
    expect(read({ contentType: 'text/plain', url: 'Binary/b' }).body).toBeNull();
    expect(read({ contentType: 'application/pdf', data: base64('x') })).toMatchObject({
      body: null,
      contentType: 'application/pdf',
    });
    expect(noteTextView({}, nothing)).toMatchObject({ title: placeholder('document'), body: null, contentType: null });
  });

  test('in HTML is read in blocks, and as its text alone where it is nested beyond reading', () => {
    const html = '<p>Na &lt; 130 &amp; K&nbsp;&#52;</p>';
    const runs = [{ text: 'Na < 130 & K\u00a04' }];
    expect(read({ contentType: 'text/html; charset=utf-8', data: base64(html) })).toMatchObject({
      body: null,
      rich: { blocks: [{ kind: 'text', level: 0, runs }], omitted: 0, cut: false },
    });
    expect(read({ contentType: 'text/plain', data: base64(html) })).toMatchObject({ body: html, rich: null });
    const deep = `${'<div>'.repeat(300)}far below`;
    expect(read({ contentType: 'text/html', data: base64(deep) })).toMatchObject({ body: 'far below', rich: null });
  });

  test('in HTML loses its markup and scripts as text, and keeps its words and breaks', () => {
    const textOf = (html: string) => decodeText(base64(html), 'text/html');
    const html =
      '<head><title>t</title></head><p>Na &lt; 130 &amp; K&nbsp;&#52;</p><script>alert(1)</script><br>a<b>b</b><!-- x --><style>p{}';
    expect(textOf(html)).toBe('Na < 130 & K 4\n\nab');
    expect(textOf('<scr<script></script>ipt>x')).not.toContain('<script');
    expect(textOf('<p>Lungen&ouml;dem, K&thinsp;4</p><![CDATA[rechts]]>')).toBe('Lungenödem, K 4\nrechts');
  });

  test('in HTML keeps what stands after a tag that never ends', () => {
    expect(decodeText(base64('<p>Sodium <b and rising'), 'text/html')).toBe('Sodium <b and rising');
  });

  test('security: in HTML is read once, whatever a hostile server repeats', () => {
    for (const part of ['<a', '<', '<!--', '&', ' ', '\n \t', '<title>', '<p>']) {
      expect(() => decodeText(base64(part.repeat(1_000_000)), 'text/xml')).not.toThrow();
    }
  });
});
