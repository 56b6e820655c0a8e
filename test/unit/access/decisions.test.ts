import { describe, expect, it } from 'vitest';
import {
  createDecisions,
  patientTypes,
  type Situation,
  sharedTypes,
  unlabelled,
} from '../../../main/access/decisions.ts';
import type { PolicyRequest } from '../../../main/access/policy/vocabulary.ts';
import { recordTypes, referencedTypes } from '../../../main/sync/plan.ts';
import { defaultEngine } from './support.ts';

const situation: Situation = {
  principal: { roles: ['nurse'], scopes: null },
  relation: 'care-team',
  circumstances: { purpose: 'TREAT', stated: false, emergency: false, offline: false, managed: false, hour: 10 },
};

function start() {
  const engine = defaultEngine();
  const asked: PolicyRequest[] = [];
  const decisions = createDecisions({
    decide(request) {
      asked.push(request);
      return engine.decide(request);
    },
  });
  return { decisions, asked };
}

const labelled = (number: number, type: string, confidentiality: 'R' | 'V' | 'unknown') =>
  ({ number, type, labels: { confidentiality, sensitivity: [], authors: [] } }) as const;

describe('decisions', () => {
  it('know every type that a sync brings: what they don’t know would not be shown', () => {
    for (const type of recordTypes) expect(patientTypes).toContain(type);
    for (const type of referencedTypes) expect(sharedTypes).toContain(type);
  });

  it('are made once for each set of attributes, however many records have it', () => {
    const { decisions, asked } = start();
    for (let time = 0; time < 1_000; time += 1) {
      expect(decisions.allows('read', unlabelled('Observation', 'care-team'), { ...situation })).toBe(true);
    }
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['role', { principal: { roles: ['administrative'], scopes: null } }],
    ['scope', { principal: { roles: ['nurse'], scopes: [] } }],
    ['purpose', { circumstances: { ...situation.circumstances, purpose: 'HOPERAT' } }],
    ['hour', { circumstances: { ...situation.circumstances, hour: 11 } }],
    ['network', { circumstances: { ...situation.circumstances, offline: true } }],
    ['emergency', { circumstances: { ...situation.circumstances, emergency: true } }],
  ] as const)('security: are made anew for another %s', (_what, change) => {
    const { decisions, asked } = start();
    const record = unlabelled('Observation', 'care-team');
    decisions.allows('read', record, situation);
    decisions.allows('read', record, { ...situation, ...change });
    expect(asked).toHaveLength(2);
  });

  it('security: are made anew for another relation, label, author or action', () => {
    const { decisions, asked } = start();
    const record = unlabelled('Observation', 'care-team');
    for (const one of [
      record,
      unlabelled('Observation', 'none'),
      { ...record, confidentiality: 'R' as const },
      { ...record, sensitivity: ['HIV'] },
      { ...record, own: true },
      { ...record, own: false },
    ]) {
      for (const action of ['read', 'update'] as const) decisions.allows(action, one, situation);
    }
    expect(asked).toHaveLength(12);
  });

  it('tell what is shown, what opens how, and leave the rest out', () => {
    const { decisions } = start();
    const labels = [labelled(1, 'Observation', 'R'), labelled(2, 'Flag', 'unknown'), labelled(3, 'Location', 'V')];
    const sight = decisions.sight(situation, labels, 'Practitioner/a');
    expect(sight).toMatchObject({
      newest: 3,
      shown: { labels: [] },
      restricted: { purpose: { labels: [1] }, emergency: { labels: [2] } },
      row: { location: true, updated: true },
    });
    const clerk = { ...situation, principal: { roles: ['administrative'], scopes: null } };
    expect(decisions.sight(clerk, labels, 'Practitioner/a')).toMatchObject({
      restricted: { purpose: { types: [], labels: [] }, emergency: { types: [], labels: [] } },
      row: { location: true, updated: false },
    });
  });

  it('let an author read what she wrote, and nobody else', () => {
    const { decisions } = start();
    const note = {
      number: 1,
      type: 'DocumentReference',
      labels: { confidentiality: 'R' as const, sensitivity: [], authors: ['Practitioner/a'] },
    };
    expect(decisions.sight(situation, [note], 'Practitioner/a').shown.labels).toEqual([1]);
    expect(decisions.sight(situation, [note], 'Practitioner/b').shown.labels).toEqual([]);
  });
});
