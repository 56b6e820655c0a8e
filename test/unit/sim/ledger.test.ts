import { describe, expect, it } from 'vitest';
import { createLedger, type Edit } from '../../sim/ledger.ts';

const place = { client: 0, type: 'Condition', id: 'local' } as const;
const create = { ...place, marker: 'c0-1', what: 'create', saw: { a: null, b: null }, base: null } as const;
const deletion = { ...create, marker: 'c0-2', what: 'delete', saw: { a: 'c0-1', b: null } } as const;
const noChange = () => undefined;
const states = (edits: readonly Edit[]) => edits.map(({ what, state }) => `${what} ${state}`);

describe('a deletion in which the workstation died', () => {
  it('may have taken away what was never sent', () => {
    const ledger = createLedger();
    ledger.add({ ...create, changeId: 'x' });
    ledger.add({ ...deletion, changeId: null });
    ledger.recover(0, noChange, new Set());
    ledger.settle(0, []);
    expect(states(ledger.edits)).toEqual(['create superseded', 'delete uncertain']);
  });

  it('has not, where the change is still there', () => {
    const ledger = createLedger();
    ledger.add({ ...create, changeId: 'x' });
    ledger.add({ ...deletion, changeId: null });
    ledger.recover(0, noChange, new Set(['x']));
    ledger.settle(0, [{ id: 'x', resourceType: 'Condition', resourceId: 'local' }]);
    expect(states(ledger.edits)).toEqual(['create pending', 'delete uncertain']);
  });

  it('excuses nothing of another record, nor what was changed by another text', () => {
    const ledger = createLedger();
    ledger.add({ ...create, changeId: 'x' });
    ledger.add({ ...create, id: 'other', marker: 'c0-3', changeId: 'y' });
    ledger.add({ ...deletion, changeId: null });
    ledger.add({ ...create, id: 'third', marker: 'c0-4', changeId: 'z' });
    ledger.add({ ...create, id: 'third', what: 'a', marker: 'c0-5', changeId: null });
    ledger.recover(0, noChange, new Set());
    ledger.settle(0, []);
    expect(states(ledger.edits).filter((state) => state.includes('acknowledged'))).toHaveLength(2);
  });
});
