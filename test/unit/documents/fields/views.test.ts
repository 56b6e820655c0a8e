import { describe, expect, it } from 'vitest';
import { observationCode } from '../../../../main/cache/ingest/facts.ts';
import { patientSummary } from '../../../../main/cache/ingest/patient.ts';
import type { JsonObject } from '../../../../main/cache/outbox/content.ts';
import { readableElement } from '../../../../main/cache/outbox/readable.ts';
import { allergyView } from '../../../../main/cache/views/allergies.ts';
import { medicationView } from '../../../../main/cache/views/medications.ts';
import { noteTextView } from '../../../../main/cache/views/notes.ts';
import { observationView } from '../../../../main/cache/views/observations.ts';
import { noteView, problemView } from '../../../../main/cache/views/sections.ts';
import { trendView } from '../../../../main/cache/views/trends.ts';
import { SEALED } from '../../../../main/documents/fields/elements.ts';
import { phrase, placeholder } from '../../../../preload/contract/placeholders.ts';
import { saidText } from '../../../support/said.ts';

/* What a masked element is to whoever looks at a chart: there, and not shown. Whoever has masked it. */

const extension = [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }];
const masked = { extension };
/** By us: it can be opened. */
const ours = { extension: [...extension, { url: SEALED, valueBase64Binary: 'e30=' }] };
const nothing = () => undefined;

describe('a masked element in a view', () => {
  it.each([
    ['_valueString', masked],
    ['valueQuantity', masked],
    ['valuePeriod', masked],
    ['valueSampledData', masked],
  ])('is a value that is masked: %s', (name, value) => {
    const observation = { resourceType: 'Observation', id: 'o', code: { text: 'Test' }, [name]: value };
    expect(observationView(observation)).toMatchObject({ name: 'Test', value: placeholder('masked'), unit: null });
  });

  it('is not a value that is missing, nor one that was written since', () => {
    const observation = { resourceType: 'Observation', id: 'o', code: { text: 'Test' } };
    const unknown = { extension: [{ ...extension[0], valueCode: 'unknown' }] };
    expect(observationView(observation).value).toBe(phrase('no-value'));
    expect(observationView({ ...observation, _valueString: unknown }).value).toBe(phrase('no-value'));
    expect(observationView({ ...observation, valueString: 'new', _valueString: masked }).value).toBe('new');
  });

  it('is told of the component that has it', () => {
    const component = [
      { code: { text: 'One' }, valueQuantity: masked },
      { code: { text: 'Two' }, valueString: 'shown' },
    ];
    expect(observationView({ component }).value).toBe(`One: ${placeholder('masked')}; Two: shown`);
  });

  it('is what an observation, a problem or a note is of', () => {
    expect(observationView({ id: 'o', code: masked, valueString: 'x' }).name).toBe(placeholder('masked'));
    expect(problemView({ code: masked }, () => undefined).text).toBe(placeholder('masked'));
    expect(noteView({ _description: masked, type: { text: 'Session' } }, nothing).title).toBe(placeholder('masked'));
  });

  it('security: puts no two values on one line of which nobody knows what they are', () => {
    expect(observationCode({ id: 'a', code: masked })).not.toBe(observationCode({ id: 'b', code: masked }));
  });

  it('is a text that is masked, and no document of an unknown type', () => {
    const note = (attachment: object) => noteTextView({ content: [{ attachment }] }, nothing);
    expect(note({ contentType: 'text/plain', _data: masked })).toMatchObject({ masked: 'masked', body: null });
    expect(note({ contentType: 'text/plain', _data: ours })).toMatchObject({ masked: 'encrypted', body: null });
    expect(note(masked)).toMatchObject({ masked: 'masked', body: null });
    expect(note(ours)).toMatchObject({ masked: 'encrypted', body: null });
    expect(noteTextView({ content: [ours] }, nothing)).toMatchObject({ masked: 'encrypted', body: null });
    expect(note({ contentType: 'application/pdf' })).toMatchObject({ masked: null, body: null });
    expect(note({ contentType: 'text/plain', data: 'eA==' })).toMatchObject({ masked: null, body: 'x' });
  });

  it('is masked where two versions are compared', () => {
    const read = (group: JsonObject) => saidText(readableElement(group));
    expect(read({ _valueString: masked })).toBe('masked');
    expect(read({ valueQuantity: masked })).toBe('masked');
    expect(read({ note: [{ _text: masked }] })).toBe('note.text: masked');
    expect(read({ content: [{ attachment: { contentType: 'text/plain', _data: masked } }] })).toBe('masked');
    expect(read({ dosage: [{ timing: {}, _text: ours }] })).toBe('encrypted');
  });

  it('says of what can be opened here where it is', () => {
    const observation = {
      id: 'o',
      code: { text: 'Test' },
      valueQuantity: ours,
      note: [{ _text: ours }, { text: 'x' }],
    };
    expect(observationView(observation)).toMatchObject({
      value: placeholder('encrypted'),
      encrypted: ['valueQuantity', 'note.text'],
    });
    expect(observationView({ valueQuantity: masked }).encrypted).toEqual([]);
    expect(observationView({ valueString: 'new', _valueString: ours }).encrypted).toEqual([]);
    expect(problemView({ code: ours }, () => undefined)).toMatchObject({
      text: placeholder('encrypted'),
      encrypted: ['code'],
    });
  });

  it('is told of wherever a text would be missing without it', () => {
    const allergy = allergyView({ code: { text: 'A' }, note: [{ _text: ours }], reaction: [{ _description: ours }] });
    expect(allergy).toMatchObject({
      note: placeholder('encrypted'),
      reactions: [{ manifestation: placeholder('encrypted') }],
    });
    const dosage = [{ _text: ours, doseAndRate: [{ doseQuantity: { value: '5', unit: 'mg' } }] }];
    expect(medicationView({ dosageInstruction: dosage, medicationReference: ours }, nothing)).toMatchObject({
      drug: placeholder('encrypted'),
      dosage: placeholder('encrypted'),
      encrypted: ['dosageInstruction.text', 'medicationReference'],
    });
  });

  it('is an identifier or a name in the list of patients, that no search finds by its word', () => {
    const type = { coding: [{ code: 'MR' }] };
    const { mrn, family, words } = patientSummary({
      name: [{ _family: ours, given: ['Ada'] }],
      identifier: [{ type, _value: ours }],
    });
    expect([mrn, family, [...words]]).toEqual(['Encrypted', 'Encrypted', []]);
  });

  it('is a value of a trend, and not one that has no number', () => {
    const at = (id: string, value: object) => ({
      bucket: 1,
      was: null,
      resource: { id, code: { text: 'CD4' }, effectiveDateTime: '2026-03-10T08:00:00Z', status: 'final', ...value },
    });
    const component = [
      { code: { text: 'One' }, valueQuantity: { value: '4', unit: 'g' } },
      { code: { text: 'Two' }, valueQuantity: ours },
    ];
    const {
      series,
      masked: told,
      omitted,
    } = trendView(
      [
        at('a', { valueQuantity: ours }),
        at('b', { component }),
        at('c', { valueQuantity: masked }),
        { bucket: 1, was: null, resource: { id: 'd', code: { text: 'CD4' }, valueQuantity: ours } },
        at('e', { valueString: 'many' }),
      ],
      { conversion: () => null },
    );
    const time = Date.parse('2026-03-10T08:00:00Z');
    expect(told).toEqual([
      { id: 'a', time, name: '', text: placeholder('encrypted'), encrypted: ['valueQuantity'], status: 'final' },
      {
        id: 'b',
        time,
        name: 'Two',
        text: placeholder('encrypted'),
        encrypted: ['component.valueQuantity'],
        status: 'final',
      },
      { id: 'c', time, name: '', text: placeholder('masked'), encrypted: [], status: 'final' },
      {
        id: 'd',
        time: null,
        name: '',
        text: placeholder('encrypted'),
        encrypted: ['valueQuantity'],
        status: 'unknown',
      },
    ]);
    expect(series.map(({ name, points }) => [name, points.length])).toEqual([['One', 1]]);
    expect(omitted).toEqual({ enteredInError: 0, notNumeric: 1, noTime: 0 });
  });
});
