import { describe, expect, it } from 'vitest';
import { nameFiles } from '../../../main/sync/export-files.ts';

const base = { transactionTime: '2026-03-01T08:00:00.000Z', deleted: [], error: [] };
const observations = (...addresses: string[]) =>
  nameFiles({
    ...base,
    output: addresses.map((address) => ({ type: 'Observation', url: `https://s/${address}`, count: null })),
  });
const names = ({ files }: ReturnType<typeof nameFiles>) =>
  Object.fromEntries(files.map(({ file, name }) => [file.url.slice('https://s/'.length), name]));

describe('the files of an export', () => {
  it('have the same names in whatever order they are listed', () => {
    const [one, other] = [observations('a', 'b', 'c'), observations('c', 'a', 'b')];
    expect(names(one)).toEqual({ a: '0', b: '1', c: '2' });
    expect(names(other)).toEqual(names(one));
    expect(other.list).toBe(one.list);
  });

  it('are told apart by their queries where nothing else does, and are others then once these change', () => {
    const one = observations('f?n=1', 'f?n=2');
    expect(names(one)).toEqual({ 'f?n=1': '0', 'f?n=2': '1' });
    expect(observations('f?n=2', 'f?n=1').list).toBe(one.list);
    expect(observations('f?n=1&by=b', 'f?n=2&by=a').list).not.toBe(one.list);
  });

  it('come in the order in which a clinician needs them, with what was deleted last', () => {
    const file = (type: string) => ({ type, url: `https://s/${type}`, count: null });
    const { files } = nameFiles({
      ...base,
      output: ['Organization', 'Observation', 'AllergyIntolerance', 'Patient'].map(file),
      deleted: [file('Bundle')],
    });
    expect(files.map((one) => one.file.type)).toEqual([
      'Patient',
      'AllergyIntolerance',
      'Observation',
      'Organization',
      'Bundle',
    ]);
    expect(files.map(({ deletions }) => deletions)).toEqual([false, false, false, false, true]);
  });
});
