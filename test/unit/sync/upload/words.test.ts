import type { OperationOutcome } from 'fhir/r4';
import { describe, expect, it } from 'vitest';
import { issuesOf, linesOf, problemOf } from '../../../../main/sync/upload/words.ts';

type Issue = OperationOutcome['issue'][number];

const outcome = (...issue: Partial<Issue>[]): OperationOutcome => ({
  resourceType: 'OperationOutcome',
  issue: issue.map((one) => ({ severity: 'error', code: 'invalid', ...one })),
});

describe('what the server says of a refused change', () => {
  it.each<[string, Partial<Issue>, string]>([
    ['its text', { details: { text: 'The unit is missing.' } }, 'The unit is missing.'],
    ['its diagnostics', { diagnostics: 'The unit   is\nmissing.' }, 'The unit is missing.'],
    ['a code’s name', { details: { coding: [{ display: 'Unit missing' }] } }, 'Unit missing'],
    ['the type of issue, where it says nothing', { code: 'required' }, 'A required part is missing.'],
    [
      'the element that is meant',
      { diagnostics: 'must be a number', expression: ['Observation.valueQuantity.value'] },
      'Value quantity, value: must be a number',
    ],
    [
      'the element with its type',
      { diagnostics: 'must be a number', expression: ['Observation.component[1].value.ofType(Quantity)'] },
      'Component, value: must be a number',
    ],
    ['no place in the bundle', { diagnostics: 'no', expression: ['Bundle.entry[3]'] }, 'no'],
  ])('is told by %s', (_what, issue, line) => {
    expect(linesOf(outcome(issue))).toEqual([line]);
  });

  it.each([
    '{"resourceType":"OperationOutcome","issue":[]}',
    '<html><body>500</body></html>',
    'java.lang.NullPointerException: null',
    'Error: x\n    at handler (/srv/app.js:10:2)',
    '[{"a":1}]',
  ])('is never raw text of a program: %s', (diagnostics) => {
    expect(linesOf(outcome({ code: 'invalid', diagnostics }))).toEqual(['Something in it is not valid.']);
  });

  it('leaves warnings out where there are errors, and says a thing once', () => {
    const issues = [
      { severity: 'warning' as const, diagnostics: 'no narrative' },
      { diagnostics: 'no unit' },
      { diagnostics: 'no unit' },
    ];
    expect(linesOf(outcome(...issues))).toEqual(['no unit']);
    expect(linesOf(outcome({ severity: 'warning', diagnostics: 'no narrative' }))).toEqual(['no narrative']);
  });

  it('is kept issue by issue, with its place and its own words, for the page to say', () => {
    const issue = {
      code: 'required' as const,
      details: { text: 'Missing required property' },
      diagnostics: 'AllergyIntolerance.reaction.manifestation: minimum required = 1, but only found 0',
      expression: ['AllergyIntolerance.reaction[0].manifestation'],
    };
    const error = { code: 'rejected', status: 422, retryAfter: null, serverTime: null } as const;
    const said = `${issue.details.text}\n${issue.diagnostics}`;
    expect(problemOf({ ...error, outcome: outcome(issue, issue) } as never).issues).toEqual([
      { code: 'required', at: 'reaction.manifestation', said },
    ]);
    const hostile = { code: '<b>' as never, expression: ['a b'], diagnostics: '{"a":1}' };
    expect(issuesOf(outcome(hostile))).toEqual([{ code: 'unknown', at: null, said: null }]);
  });

  it('is a code alone where the server says nothing', () => {
    const error = { code: 'forbidden', outcome: null, retryAfter: null, serverTime: null } as const;
    expect(problemOf({ ...error, status: 403 })).toEqual({
      code: 'forbidden',
      lines: [],
    });
    expect(problemOf({ ...error, status: 422 }).code).toBe('rejected');
    expect(linesOf({ resourceType: 'OperationOutcome' } as OperationOutcome)).toEqual([]);
    const odd = { resourceType: 'OperationOutcome', issue: [null, 7, { diagnostics: 7, expression: 'x' }] };
    expect(linesOf(odd as never)).toEqual([]);
  });

  it('security: has no words for a type of issue that is a name of the language itself', () => {
    for (const code of ['constructor', '__proto__', 'toString']) {
      expect(linesOf(outcome({ code: code as Issue['code'] }))).toEqual([]);
    }
  });
});
