import { expect, it } from 'vitest';
import { createRepository } from '../../server/store/store.ts';
import { keyOf } from '../../sim/checker.ts';
import { checkClaims } from '../../sim/claims.ts';
import { newRecord } from '../../sim/records.ts';

const EPOCH = Date.parse('2031-03-04T05:06:07.000Z');

/** Three versions of a record, of which the last is its deletion, ten seconds apart. */
function history() {
  let time = EPOCH;
  const store = createRepository({
    clock() {
      time += 10_000;
      return new Date(time);
    },
  });
  const first = store.write(newRecord('Condition', 'r', 'p', 'one'), 'Condition', 'r', 'PUT');
  const second = store.write(newRecord('Condition', 'r', 'p', 'two'), 'Condition', 'r', 'PUT');
  return { store, first, second, erase: () => store.erase('Condition', 'r')! };
}

const claimed = (asOf: string) => [{ patient: 'p', type: 'Condition', asOf }];
const none: ReadonlySet<string> = new Set();
const strict = { unsent: none, tellsDeletions: () => true };

it('finds a record that is missing, or older than it was at the time that is claimed', () => {
  const { store, first, second } = history();
  const log = store.log();
  const shows = (version: typeof first) => new Map([['Condition/r', keyOf(version)]]);
  expect(checkClaims(log, claimed(second.lastUpdated), new Map(), strict)).toHaveLength(1);
  expect(checkClaims(log, claimed(second.lastUpdated), shows(first), strict)).toHaveLength(1);
  expect(checkClaims(log, claimed(second.lastUpdated), shows(second), strict)).toEqual([]);
  // As of the time before, either will do; and before the first version there was nothing.
  expect(checkClaims(log, claimed(first.lastUpdated), shows(first), strict)).toEqual([]);
  expect(checkClaims(log, claimed(first.lastUpdated), shows(second), strict)).toEqual([]);
  expect(checkClaims(log, claimed(new Date(EPOCH).toISOString()), new Map(), strict)).toEqual([]);
});

it('finds one that was deleted by then where the server tells, and excuses one with changes of the clinician’s own', () => {
  const { store, second, erase } = history();
  const created = store.write(
    newRecord('Condition', 'mine', 'p', 'own').replace(
      '"code"',
      '"identifier":[{"value":"urn:uuid:11111111-1111-4111-8111-111111111111"}],"code"',
    ),
    'Condition',
    'mine',
    'POST',
  );
  const ofOwn = {
    unsent: new Set(['Condition/11111111-1111-4111-8111-111111111111', 'Condition/r']),
    tellsDeletions: () => true,
  };
  expect(checkClaims(store.log(), claimed(created.lastUpdated), new Map(), ofOwn)).toEqual([]);
  store.erase('Condition', 'mine');
  const { lastUpdated } = erase();
  const shown = new Map([['Condition/r', keyOf(second)]]);
  expect(checkClaims(store.log(), claimed(lastUpdated), shown, strict)).toHaveLength(1);
  expect(checkClaims(store.log(), claimed(second.lastUpdated), shown, strict)).toEqual([]);
  expect(checkClaims(store.log(), claimed(lastUpdated), shown, { unsent: none, tellsDeletions: () => false })).toEqual(
    [],
  );
  const unsent = new Set(['Condition/r']);
  expect(checkClaims(store.log(), claimed(lastUpdated), shown, { unsent, tellsDeletions: () => true })).toEqual([]);
});
