import { describe, expect, it } from 'vitest';
import { observationCode } from '../../../../main/cache/ingest/facts.ts';
import { readableElement } from '../../../../main/cache/outbox/readable.ts';
import { noteTextView } from '../../../../main/cache/views/notes.ts';
import { observationView } from '../../../../main/cache/views/observations.ts';
import { noteView, problemView } from '../../../../main/cache/views/sections.ts';

/* What a masked element is to whoever looks at a chart: there, and not shown. Whoever has masked it. */

const extension = [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }];
const masked = { extension };
const nothing = () => undefined;

describe('a masked element in a view', () => {
  it.each([
    ['_valueString', masked],
    ['valueQuantity', masked],
    ['valuePeriod', masked],
    ['valueSampledData', masked],
  ])('is a value that is masked: %s', (name, value) => {
    const observation = { resourceType: 'Observation', id: 'o', code: { text: 'Test' }, [name]: value };
    expect(observationView(observation)).toMatchObject({ name: 'Test', value: 'Masked', unit: null });
  });

  it('is not a value that is missing, nor one that was written since', () => {
    const observation = { resourceType: 'Observation', id: 'o', code: { text: 'Test' } };
    const unknown = { extension: [{ ...extension[0], valueCode: 'unknown' }] };
    expect(observationView(observation).value).toBe('no value');
    expect(observationView({ ...observation, _valueString: unknown }).value).toBe('no value');
    expect(observationView({ ...observation, valueString: 'new', _valueString: masked }).value).toBe('new');
  });

  it('is told of the component that has it', () => {
    const component = [
      { code: { text: 'One' }, valueQuantity: masked },
      { code: { text: 'Two' }, valueString: 'shown' },
    ];
    expect(observationView({ component }).value).toBe('One: Masked; Two: shown');
  });

  it('is what an observation, a problem or a note is of', () => {
    expect(observationView({ id: 'o', code: masked, valueString: 'x' }).name).toBe('Masked');
    expect(problemView({ code: masked }).text).toBe('Masked');
    expect(noteView({ _description: masked, type: { text: 'Session' } }, nothing).title).toBe('Masked');
  });

  it('security: puts no two values on one line of which nobody knows what they are', () => {
    expect(observationCode({ id: 'a', code: masked })).not.toBe(observationCode({ id: 'b', code: masked }));
  });

  it('is a text that is masked, and no document of an unknown type', () => {
    const note = (attachment: object) => noteTextView({ content: [{ attachment }] }, nothing);
    expect(note({ contentType: 'text/plain', _data: masked })).toMatchObject({ masked: true, body: null });
    expect(note(masked)).toMatchObject({ masked: true, body: null });
    expect(note({ contentType: 'application/pdf' })).toMatchObject({ masked: false, body: null });
    expect(note({ contentType: 'text/plain', data: 'eA==' })).toMatchObject({ masked: false, body: 'x' });
  });

  it('is masked where two versions are compared', () => {
    expect(readableElement({ _valueString: masked })).toBe('Masked');
    expect(readableElement({ valueQuantity: masked })).toBe('Masked');
    expect(readableElement({ note: [{ _text: masked }] })).toBe('Text: Masked');
    expect(readableElement({ content: [{ attachment: { contentType: 'text/plain', _data: masked } }] })).toBe('Masked');
  });
});
