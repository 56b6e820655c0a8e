import { describe, expect, it } from 'vitest';
import { labelsOf, labelsText } from '../../../../main/cache/ingest/labels.ts';

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const c = (code: unknown, system: unknown = CONFIDENTIALITY) => ({ system, code });

const of = (security: unknown, rest: object = {}) => labelsOf(labelsText({ ...rest, meta: { security } }));

describe('security labels', () => {
  it('of most records are none at all, and the same for all of them', () => {
    expect(labelsText({})).toBe('');
    expect(labelsText({ meta: { security: [] } })).toBe('');
    for (const code of ['U', 'L', 'M', 'N']) expect(labelsText({ meta: { security: [c(code)] } })).toBe('');
    expect(labelsText({ meta: { security: [c('HTEST', 'http://terminology.hl7.org/CodeSystem/v3-ActReason')] } })).toBe(
      '',
    );
  });

  it('security: of several levels the most restrictive one holds', () => {
    expect(of([c('N'), c('R')]).confidentiality).toBe('R');
    expect(of([c('V'), c('R'), c('N')]).confidentiality).toBe('V');
    expect(of([c('N'), c('X')]).confidentiality).toBe('unknown');
    expect(of([c('R', 'http://hl7.org/fhir/v3/Confidentiality')]).confidentiality).toBe('R');
    expect(of([c('V', 'urn:oid:2.16.840.1.113883.5.25')]).confidentiality).toBe('V');
  });

  it('security: what can’t be read is a label, and not none', () => {
    for (const security of ['R', 1, null, {}, [null], ['R'], [{}], [{ code: 'R' }], [c(7)], [c('')]]) {
      expect(labelsText({ meta: { security } }), JSON.stringify(security)).not.toBe('');
    }
    for (const code of [undefined, null, '', 'r', 'N R', ['N']]) expect(of([c(code)]).confidentiality).toBe('unknown');
  });

  it('name what is sensitive, in one order, and what is of another system by that', () => {
    expect(of([c('PSY', ACT_CODE), c('ETH', ACT_CODE), c('PSY', ACT_CODE)]).sensitivity).toEqual(['ETH', 'PSY']);
    expect(of([c('staff', 'urn:x')]).sensitivity).toEqual(['urn:x|staff']);
    expect(labelsText({ meta: { security: [c('R'), c('HIV', ACT_CODE)] } })).toBe(
      labelsText({ meta: { security: [c('HIV', ACT_CODE), c('R')] } }),
    );
  });

  it('security: too many of them open nothing', () => {
    const many = Array.from({ length: 60 }, (_, index) => c(`x${index}`, 'urn:x'));
    expect(of(many).sensitivity).toContain('too-many');
  });

  it('name who wrote the record', () => {
    const author = [{ reference: 'Practitioner/a' }, { reference: 'Organization/o' }];
    expect(of([c('R')], { author }).authors).toEqual(['Practitioner/a']);
    expect(of([c('R')], { recorder: { reference: 'https://s/fhir/Practitioner/b' } }).authors).toEqual([
      'Practitioner/b',
    ]);
    expect(of([c('R')], { performer: [{ actor: { reference: 'Practitioner/c' } }] }).authors).toEqual([
      'Practitioner/c',
    ]);
  });
});
