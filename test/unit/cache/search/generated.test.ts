import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { docsFile, generateDocs, generateTable, tableFile } from '../../../../build/search-parameters.mjs';
import { factsOf } from '../../../../main/cache/ingest/facts.ts';
import { leavesWalk } from '../../../../main/cache/search/query/leaves.ts';
import { indexedTypes, parameterOf, parametersOf, rowsOf } from '../../../../main/cache/search/table.ts';

describe('the table of search parameters', () => {
  test('is what HL7 defines', () => {
    expect(readFileSync(tableFile, 'utf8')).toBe(generateTable());
  });

  test('has not changed without a migration that fills the index anew', () => {
    const hash = createHash('sha256').update(readFileSync(tableFile)).digest('hex');
    // Another table means other rows: write a migration that empties the index and calls `rebuildSearch`, then this hash.
    expect(hash).toBe('2462777a18eee48080f1fd06b498d74f3282658c50e4ba56cf7a64979204265b');
  });

  test('has its published page', async () => {
    expect(readFileSync(docsFile, 'utf8')).toBe(await generateDocs());
  });

  test('leaves no parameter without places to look at', () => {
    for (const type of indexedTypes) {
      for (const parameter of parametersOf(type).values()) {
        if (parameter.kind === 'composite') continue;
        const leaves = rowsOf(parameter).flatMap((row) => row.leaves);
        expect(leaves.length, `${type}.${parameter.code}`).toBeGreaterThan(0);
      }
    }
  });

  test('takes a reference for that of the chart only where it is what the record is filed by', () => {
    for (const type of indexedTypes) {
      for (const parameter of [...parametersOf(type).values()].filter(({ compartment }) => compartment)) {
        const member = parameter.leaves[0]?.path ?? '';
        const body = JSON.stringify({ resourceType: type, id: 'x', [member]: { reference: 'Patient/p' } });
        expect(factsOf(body)?.patient, `${type}.${parameter.code}`).toBe('p');
      }
    }
  });
});

test.each([
  [
    'Patient',
    'phone',
    {
      telecom: [
        { system: 'phone', value: '1' },
        { system: 'email', value: 'a@b' },
      ],
    },
    [{ system: 'phone', value: '1' }],
  ],
  ['Observation', 'date', { effectivePeriod: { start: '2024' } }, [{ start: '2024' }]],
  ['Observation', 'value-string', { valueCodeableConcept: { text: 'red' } }, ['red']],
  [
    'Observation',
    'component-code',
    { component: [{ code: { text: 'a' } }, { code: { text: 'b' } }] },
    [{ text: 'a' }, { text: 'b' }],
  ],
  [
    'Encounter',
    'practitioner',
    { participant: [{ individual: { reference: 'Practitioner/a' } }] },
    [{ reference: 'Practitioner/a' }],
  ],
  ['MedicationRequest', 'code', { medicationCodeableConcept: { text: 'x' } }, [{ text: 'x' }]],
  ['Patient', 'name', { name: 'not what it should be' }, ['not what it should be']],
  ['Patient', 'given', { name: [null, 5, { given: 'x' }, { given: ['y', null] }] }, ['x', 'y']],
])('%s %s is found', (type, code, resource, found) => {
  const parameter = parameterOf(type, code);
  if (!parameter) throw new Error('no such parameter');
  const walk = leavesWalk(rowsOf(parameter).flatMap(({ leaves }) => leaves));
  expect(walk({ resourceType: type, ...resource }).map(({ value }) => value)).toEqual(found);
});
