import { describe, expect, it } from 'vitest';
import { allergyStatement, type SectionState } from '../../../../../preload/contract/chart.ts';
import { allergyLine, STATEMENT_WORDS, sortAllergies } from '../../../../../renderer/features/chart/allergies.ts';
import { AS_OF, allergy, NOTHING_WITHHELD } from '../../support/fakeData.ts';

const section = (items: ReturnType<typeof allergy>[], state: SectionState = 'complete') => ({
  state,
  asOf: AS_OF,
  items,
  total: items.length,
  omittedSince: null,
  deletionsUnknown: false,
  withheld: NOTHING_WITHHELD,
});

describe('the allergies of the banner', () => {
  it('say something else for every statement', () => {
    const words = allergyStatement.options
      .filter((statement) => statement !== 'recorded')
      .map((statement) => allergyLine({ allergyStatement: statement, allergies: section([]) }).statement?.words);
    expect(words.every(Boolean)).toBe(true);
    expect(new Set(words).size).toBe(words.length);
  });

  it('say "no known" only from a coded statement', () => {
    for (const statement of ['none-recorded', 'not-fetched', 'not-permitted'] as const) {
      expect(STATEMENT_WORDS[statement].words.toLowerCase()).not.toContain('no known');
      expect(STATEMENT_WORDS[statement].tone).toBe('warn');
    }
    expect(STATEMENT_WORDS['none-known'].words).toBe('No known allergies (recorded)');
    expect(STATEMENT_WORDS['no-known-drug-allergy'].words).toContain('other allergies not stated');
    expect(STATEMENT_WORDS['none-recorded'].words).toBe('None recorded – ask the patient');
  });

  it('put high criticality first and mark what is unconfirmed', () => {
    const items = [
      allergy('1', 'Latex', { criticality: 'low', verificationStatus: 'unconfirmed' }),
      allergy('2', 'Nuts', { criticality: 'unknown' }),
      allergy('3', 'Penicillin', { criticality: 'high' }),
    ];
    const { substances, statement } = allergyLine({ allergyStatement: 'recorded', allergies: section(items) });
    expect(statement).toBeNull();
    expect(substances.map(({ words }) => words)).toEqual(['Penicillin', 'Nuts', 'Latex (unconfirmed)']);
    expect(substances.map(({ high }) => high)).toEqual([true, false, false]);
  });

  it('never hold refuted, entered-in-error or resolved ones', () => {
    const items = [
      allergy('1', 'Codeine', { verificationStatus: 'refuted' }),
      allergy('2', 'Aspirin', { verificationStatus: 'entered-in-error' }),
      allergy('3', 'Peanut', { clinicalStatus: 'resolved' }),
      allergy('4', 'Eggs', { clinicalStatus: 'unknown' }),
    ];
    const { active, past } = sortAllergies(items);
    expect(active.map(({ substance }) => substance)).toEqual(['Eggs']);
    expect(past.map(({ substance }) => substance)).toEqual(['Codeine', 'Aspirin', 'Peanut']);
  });

  it('never fall silent where something is recorded but not listed', () => {
    const line = allergyLine({ allergyStatement: 'recorded', allergies: section([]) });
    expect(line.statement).toEqual({ words: 'Recorded – see the allergies section', tone: 'warn' });
  });

  it('say that the list is not whole', () => {
    const allergies = section([allergy('1', 'Latex')], 'partial');
    expect(allergyLine({ allergyStatement: 'recorded', allergies }).caution).toBe('list not completely fetched');
  });
});
