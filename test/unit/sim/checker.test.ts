import { describe, expect, it } from 'vitest';
import { createRepository, type Version } from '../../server/store/store.ts';
import * as checker from '../../sim/checker.ts';
import type { Edit, Place } from '../../sim/ledger.ts';
import type { Accepted } from '../../sim/network.ts';
import { faultsOfWrite } from '../../sim/network.ts';
import { mark, markersOf, newRecord, type RecordType } from '../../sim/records.ts';

let time = 0;

function storeWith(type: RecordType = 'Observation') {
  const store = createRepository({
    clock() {
      time += 1_000;
      return new Date(time);
    },
  });
  const first = store.write(newRecord(type, 'r', 'p', 'initial'), type, 'r', 'PUT');
  const put = (field: 'a' | 'b', marker: string) =>
    store.write(mark(type, store.current(type, 'r')!.text!, field, marker), type, 'r', 'PUT');
  return { store, first, put };
}

const edit = (change: Partial<Edit> = {}): Edit => ({
  marker: 'mine',
  client: 0,
  type: 'Observation',
  id: 'r',
  what: 'a',
  saw: { a: 'initial', b: null },
  base: null,
  changeId: 'x',
  state: 'acknowledged',
  ...change,
});

const local = '11111111-1111-4111-8111-111111111111';
/** A record that a workstation created. */
const identified = newRecord('Observation', 'x', 'p', 'created').replace(
  '"status"',
  `"identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:${local}"}],"status"`,
);

const nobody: ReadonlySet<string> = new Set();

/** With `insisted`, the person at the client has put the own text on top of what others did. */
const ledgerOf = (edits: Edit[], insisted = false) => ({
  edits,
  hasInsisted: ({ client }: Place) => insisted && client === 0,
});

function checkHistory(
  log: readonly Version[],
  edits: Edit[],
  forgotten: ReadonlySet<string>,
  insisted = false,
): checker.Violation[] {
  const accepted = log.map((version): Accepted => ({ client: 0, run: 1, version, before: undefined }));
  return checker.checkHistory(log, ledgerOf(edits, insisted), forgotten, accepted);
}

function checkWrite(
  accepted: Accepted,
  edits: Edit[],
  own: ReadonlySet<string>,
  insisted = false,
): checker.Violation[] {
  return checker.checkWrite(accepted, ledgerOf(edits, insisted), own);
}

const { keyOf } = checker;
const kinds = (violations: readonly { kind: string }[]) => violations.map(({ kind }) => kind);

describe('the check of the history', () => {
  it('is content with an acknowledged edit that is there once', () => {
    const { store, put } = storeWith();
    put('a', 'mine');
    put('b', 'other');
    expect(checkHistory(store.log(), [edit()], nobody)).toEqual([]);
  });

  it('misses one that is not there, and one that was never sent', () => {
    const { store } = storeWith();
    expect(kinds(checkHistory(store.log(), [edit()], nobody))).toEqual(['lost']);
    expect(kinds(checkHistory(store.log(), [edit({ state: 'pending' })], nobody))).toEqual(['lost']);
  });

  it('asks nothing of one that a restore took away, or that a person gave up', () => {
    const { store } = storeWith();
    expect(checkHistory(store.log(), [edit()], new Set(['mine']))).toEqual([]);
    for (const state of ['decided', 'withdrawn', 'superseded', 'uncertain'] as const) {
      expect(checkHistory(store.log(), [edit({ state })], nobody)).toEqual([]);
    }
  });

  it('finds one that was made twice', () => {
    const { store, put } = storeWith();
    put('a', 'mine');
    put('a', 'theirs');
    put('a', 'mine');
    expect(kinds(checkHistory(store.log(), [edit()], nobody))).toEqual(['duplicated']);
    expect(checkHistory(store.log(), [edit()], nobody, true)).toEqual([]);
  });

  it('takes a deletion for done where somebody else decided that the record is made anew', () => {
    const made = storeWith();
    made.store.write(identified, 'Observation', 'one', 'POST');
    const log = made.store.log();
    const by = (client: number) => [edit({ what: 'delete', client, id: local })];
    expect(checkHistory(log, by(1), nobody, true)).toEqual([]);
    expect(kinds(checkHistory(log, by(1), nobody))).toEqual(['lost']);
    expect(kinds(checkHistory(log, by(0), nobody, true))).toEqual(['lost']);
  });

  it('finds a create that was made twice, but for one that somebody had deleted between', () => {
    const twice = storeWith();
    twice.store.write(identified, 'Observation', 'one', 'POST');
    twice.store.write(identified, 'Observation', 'two', 'POST');
    const created = edit({ marker: 'created', what: 'create', id: local });
    expect(kinds(checkHistory(twice.store.log(), [created], nobody))).toEqual(['duplicated']);
    const deleted = storeWith();
    deleted.store.write(identified, 'Observation', 'one', 'POST');
    deleted.store.remove('Observation', 'one');
    deleted.store.write(identified, 'Observation', 'two', 'POST');
    expect(checkHistory(deleted.store.log(), [created], nobody)).toEqual([]);
    // What was written into it before it was sent comes with it, again.
    const written = edit({ marker: 'created', id: local, what: 'a', saw: { a: null, b: null } });
    expect(checkHistory(deleted.store.log(), [written], nobody)).toEqual([]);
    expect(kinds(checkHistory(twice.store.log(), [written], nobody))).toEqual(['duplicated', 'duplicated']);
  });

  it('wants an acknowledged deletion to have deleted', () => {
    const { store } = storeWith();
    const deletion = edit({ what: 'delete' });
    expect(kinds(checkHistory(store.log(), [deletion], nobody))).toEqual(['lost']);
    store.remove('Observation', 'r');
    expect(checkHistory(store.log(), [deletion], nobody)).toEqual([]);
  });
});

describe('the check of a write', () => {
  it('lets a clinician replace what was seen, and what was the own', () => {
    const { first, put } = storeWith();
    const version = put('a', 'mine');
    expect(checkWrite({ client: 0, run: 1, version, before: first }, [edit()], nobody)).toEqual([]);
    const again = put('a', 'mine-2');
    const edits = [edit(), edit({ marker: 'mine-2', saw: { a: 'mine', b: null } })];
    expect(checkWrite({ client: 0, run: 1, version: again, before: version }, edits, nobody)).toEqual([]);
  });

  it('finds what nobody had seen and was replaced, in the same element and in another', () => {
    const { put } = storeWith();
    const theirs = put('a', 'theirs');
    const version = put('a', 'mine');
    expect(kinds(checkWrite({ client: 0, run: 1, version, before: theirs }, [edit()], nobody))).toEqual(['lost']);
    expect(checkWrite({ client: 0, run: 1, version, before: theirs }, [edit()], nobody, true)).toEqual([]);
    const { store, first } = storeWith();
    const other = store.write(mark('Observation', first.text!, 'b', 'theirs'), 'Observation', 'r', 'PUT');
    const blind = store.write(mark('Observation', first.text!, 'a', 'mine'), 'Observation', 'r', 'PUT');
    expect(kinds(checkWrite({ client: 0, run: 1, version: blind, before: other }, [edit()], nobody))).toEqual(['lost']);
  });

  it('finds a deletion of what nobody had seen', () => {
    const { store, put } = storeWith();
    const before = put('b', 'theirs');
    const version = store.erase('Observation', 'r')!;
    const deletion = edit({ what: 'delete' });
    expect(kinds(checkWrite({ client: 0, run: 1, version, before }, [deletion], nobody))).toEqual(['lost']);
  });

  it('finds a merge without a person only in types that are never merged', () => {
    for (const [type, found] of [
      ['Observation', []],
      ['AllergyIntolerance', ['lost']],
    ] as const) {
      const { first, put } = storeWith(type);
      const theirs = put('b', 'theirs');
      const version = put('a', 'mine');
      const mine = edit({ type, base: keyOf(first) });
      expect(kinds(checkWrite({ client: 0, run: 1, version, before: theirs }, [mine], nobody))).toEqual(found);
      // On top of a version of its own it isn't a merge.
      const own = new Set([keyOf(theirs)]);
      expect(checkWrite({ client: 0, run: 1, version, before: theirs }, [mine], own)).toEqual([]);
    }
  });
});

describe('the check on the wire', () => {
  const faults = (method: string, path: string, headers: Record<string, string>, body = '', ignored = false) =>
    faultsOfWrite(method, path, new Headers(headers), body, ignored);

  it('wants If-Match on what replaces, and If-None-Exist on what creates', () => {
    expect(faults('PUT', '/Patient/a', {})).toEqual(['PUT /Patient/a without If-Match']);
    expect(faults('DELETE', '/Patient/a', {})).toHaveLength(1);
    expect(faults('POST', '/Patient', {})).toEqual(['POST /Patient without If-None-Exist']);
    expect(faults('PUT', '/Patient/a', { 'if-match': 'W/"1"' })).toEqual([]);
    expect(faults('POST', '/Patient', { 'if-none-exist': 'identifier=x' })).toEqual([]);
    expect(faults('POST', '/Patient/_search', {})).toEqual([]);
  });

  it('wants it of every entry of a bundle', () => {
    const bundle = (request: object) => JSON.stringify({ resourceType: 'Bundle', entry: [{ request }] });
    expect(faults('POST', '', {}, bundle({ method: 'PUT', url: 'Patient/a' }))).toHaveLength(1);
    expect(faults('POST', '', {}, bundle({ method: 'POST', url: 'Patient' }))).toHaveLength(1);
    expect(faults('POST', '', {}, bundle({ method: 'PUT', url: 'Patient/a', ifMatch: 'W/"1"' }))).toEqual([]);
  });

  it('counts a PATCH as unconditional where the server ignores If-Match on it', () => {
    expect(faults('PATCH', '/Patient/a', { 'if-match': 'W/"1"' }, '[]', true)).toHaveLength(1);
    expect(faults('PATCH', '/Patient/a', { 'if-match': 'W/"1"' }, '[]')).toEqual([]);
  });
});

describe('markers', () => {
  it('change one element and no digit', () => {
    for (const type of ['Observation', 'DocumentReference', 'Condition', 'AllergyIntolerance'] as const) {
      const text = newRecord(type, 'r', 'p', 'one');
      expect(markersOf(type, text)).toEqual({ a: 'one', b: null });
      expect(markersOf(type, mark(type, text, 'b', 'two'))).toEqual({ a: 'one', b: 'two' });
    }
    expect(mark('Observation', newRecord('Observation', 'r', 'p', 'one'), 'b', 'two')).toContain('"value":1.50');
  });
});
