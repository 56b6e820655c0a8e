import { expect, test } from 'vitest';
import { createWrites } from '../../../main/cache/writes/index.ts';
import { openCache, SERVER_TIME } from './support.ts';

const tasks = ['p1', 'p2', 'p3'].map((id) => ({
  label: 'Conditions',
  resourceType: 'Condition',
  url: `Condition?patient=${id}`,
  patients: [id],
}));

function condition(patient: string, id: string, code: string): string {
  return JSON.stringify({
    resourceType: 'Condition',
    id,
    meta: { versionId: '1', lastUpdated: '2026-01-01T00:00:00Z' },
    subject: { reference: `Patient/${patient}` },
    code: { coding: [{ system: 'urn:codes', code }], text: `Words of ${code}` },
    note: [{ text: `Written of ${code}` }],
  });
}

function opened() {
  const { db, read } = openCache();
  const writes = createWrites(db);
  writes.startRun({ tasks });
  const page = (seq: number, ...resources: string[]) =>
    writes.applyPage({ seq, resources, next: null, serverTime: SERVER_TIME });
  const found = (query: string) => {
    const answer = read.search({ type: 'Condition', query, sight: null });
    return answer.ok ? answer.value.entries.map(({ body }) => (JSON.parse(body) as { id: string }).id).sort() : answer;
  };
  const pending = () => read.tasks({}).filter(({ state }) => state === 'pending').length;
  return { db, read, writes, page, found, pending };
}

test('pages that are stored together are found by every index, as if each had come alone', () => {
  const { writes, page, found, pending } = opened();
  const results = writes.together(() => [
    page(1, condition('p1', 'a', 'x'), condition('p1', 'b', 'y')),
    // The same record once more, with another code: what the first page owed to the index is taken back.
    page(2, condition('p2', 'c', 'x').replaceAll('"versionId":"1"', '"versionId":"0"')),
    page(3, condition('p2', 'c', 'z')),
  ]);
  expect(results.map(({ stored }) => stored)).toEqual([2, 1, 1]);
  expect(found('code=x')).toEqual(['a']);
  expect(found('code=z')).toEqual(['c']);
  expect(found('_content=written')).toEqual(['a', 'b', 'c']);
  expect(found('code:text=Words%20of%20x')).toEqual(['a']);
  expect(pending()).toBe(0);
});

test('where one fails nothing of all is kept, and each can be stored alone afterwards', () => {
  const { read, writes, page, found, pending } = opened();
  const both = () => {
    page(1, condition('p1', 'a', 'x'));
    page(99, condition('p1', 'b', 'x'));
  };
  expect(() => writes.together(both)).toThrow('task-not-pending');
  expect(read.versions()).toEqual([]);
  expect(pending()).toBe(3);
  page(1, condition('p1', 'a', 'x'));
  page(2, condition('p2', 'c', 'y'));
  expect([found('code=x'), found('code=y'), found('_content=written')]).toEqual([['a'], ['c'], ['a', 'c']]);
});

test('what was remembered of a transaction that was undone is not believed', () => {
  const { writes, page, found } = opened();
  const undone = () => {
    page(1, condition('p1', 'a', 'x'));
    throw new Error('the disk is full');
  };
  expect(() => writes.together(undone)).toThrow('the disk is full');
  page(2, condition('p2', 'c', 'x'));
  expect([found('code=x'), found('_content=written')]).toEqual([['c'], ['c']]);
});
