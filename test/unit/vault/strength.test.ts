import { describe, expect, it } from 'vitest';
import { createStrength } from '../../../main/vault/strength.ts';
import { strength } from '../../../preload/contract/session.ts';
import { PASSPHRASE } from '../../support/journey.ts';

const measure = createStrength({ minLength: 8, minStrength: 3 });
const known = ['Dr Amara Nwosu', 'https://fhir.stmarys.example/r4'];

describe('the strength of a passphrase', () => {
  it.each([
    ['', 'short'],
    ['1234567', 'short'],
    ['\u{1f600}'.repeat(7), 'short'],
    ['password', 'common'],
    ['Passw0rd!', 'common'],
    ['aaaaaaaaaaaa', 'repeated'],
    ['nwosu1234', 'own'],
    ['long enough', 'more'],
  ])('%j is too weak: %s', async (typed, hint) => {
    const measured = await measure(typed, known);
    expect(measured).toMatchObject({ enough: false, hint });
    expect(strength.parse(measured)).toEqual(measured);
  });

  it.each([PASSPHRASE, 'Zürich-Ward 7 ☕', 'blue bicycle lantern'])('%j is enough', async (typed) => {
    expect(await measure(typed, known)).toMatchObject({ enough: true, hint: null });
  });

  it('is policy’s to say', async () => {
    expect(await createStrength({ minLength: 8, minStrength: 0 })('password', [])).toMatchObject({ enough: true });
    expect(await createStrength({ minLength: 20, minStrength: 0 })('password', [])).toMatchObject({ missing: 12 });
  });

  it('answers for the longest that can be typed', async () => {
    expect(await measure('aB3$'.repeat(64), known)).toMatchObject({ enough: false });
  });
});
