import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Access } from '../../../../main/access/access.ts';
import { createReads } from '../../../../main/access/reads.ts';
import type { AuditEntry } from '../../../../main/audit/events/entry.ts';
import type { Cache } from '../../../../main/cache/client.ts';
import type { FieldMark } from '../../../../main/cache/fields/layer.ts';
import type { ListSight } from '../../../../main/cache/sight.ts';
import { createFindPatients } from '../../../../main/documents/fields/find.ts';
import { sealFields } from '../../../../main/documents/fields/seal.ts';
import { valueName } from '../../../../main/documents/fields/sealer.ts';
import { newPair } from '../../../unit/documents/fields/keys.ts';
import { listsAll } from '../../cache/support.ts';
import { mark, openMarked, wrapping } from './support.ts';

/* The patient list finds who has an encrypted identifier that is exactly what was typed. Nothing here needs a network. */

const PATH = 'identifier.value';
const NATIONAL = '943-476-5919';
const hmac = (kind: string, name: string) =>
  createHmac('sha256', 'organisation').update(`${kind} ${name}`).digest('hex');
const keys = () => ({
  pseudonym: async (kind: string, name: string) => ({ ok: true, value: hmac(kind, name) }) as const,
});
const onPanel = (id: string, family: string, national: string) =>
  JSON.stringify({ resourceType: 'Patient', id, name: [{ family }], identifier: [{ value: national }] });

interface Given {
  readonly marks?: readonly FieldMark[];
  readonly bodies?: readonly string[];
  readonly sight?: ListSight;
}

/** The list as the page asks for it. */
function ward({ marks = [mark('Patient', PATH, { blindIndex: true })], bodies, sight = listsAll.sight }: Given = {}) {
  const station = openMarked(marks);
  for (const body of bodies ?? [onPanel('a', 'Ng', NATIONAL), onPanel('b', 'Okafor', '111-222-3333')]) {
    station.learn(body);
    station.write.expandRun({ panel: ['a', 'b'], tasks: [] });
  }
  const recorded: AuditEntry[] = [];
  const cache = {
    read: {
      patientList: async (asked: never) => station.read.patientList(asked),
      findField: async (asked: never) => station.read.findField(asked),
    },
  } as unknown as Cache;
  const reads = createReads({
    access: { decideList: async () => sight } as unknown as Access,
    audit: {
      async record(entries) {
        recorded.push(...[entries].flat());
        return { ok: true, value: undefined };
      },
    },
    cache,
    practitioner: 'Practitioner/a',
    server: 'https://e.org',
    now: () => 0,
    newId: () => 'id',
    find: createFindPatients({ fields: marks, cache, wrapping, keys }),
  });
  const list = async (query: string) => {
    const page = await reads.patients({ query, sort: 'name', descending: false, offset: 0, limit: 50 });
    if (!page.ok) throw new Error(page.error.code);
    return page.value.items.map(({ id }) => id);
  };
  return { list, recorded };
}

describe('an encrypted identifier', () => {
  it('finds its patient where policy allows it, by all of it and nothing less', async () => {
    const { list } = ward();
    expect(await list(NATIONAL)).toEqual(['a']);
    expect(await list(` ${NATIONAL} `)).toEqual(['a']);
    for (const less of ['943', '943-476-591', '943-476-5918', '943 476 5919', '943*']) {
      expect(await list(less)).toEqual([]);
    }
    expect(await list('ng')).toEqual(['a']);
    expect(await list('')).toEqual(['a', 'b']);
  });

  it('finds its patient by what another workstation has sealed, whose value nobody here has seen', async () => {
    const { recipient } = await newPair();
    const marks = [mark('Patient', PATH, { blindIndex: true })];
    const sealed = await sealFields(onPanel('a', 'Ng', NATIONAL), {
      fields: marks,
      recipients: [recipient],
      context: {
        v: '1',
        type: 'Patient',
        record: 'r',
        patient: 'p',
        author: 'a',
        role: 'r',
        purpose: 'TREAT',
        policy: '1',
        created: 'c',
      },
      blind: async (path, value) => hmac('value', valueName('Patient', path, value)),
    });
    if (!sealed.ok) throw new Error(sealed.error.code);
    const { list } = ward({ bodies: [sealed.value] });
    expect(sealed.value).not.toContain(NATIONAL);
    expect(await list(NATIONAL)).toEqual(['a']);
    expect(await list('943-476-5918')).toEqual([]);
  });

  it("security: finds nobody without policy's word", async () => {
    expect(await ward({ marks: [mark('Patient', PATH)] }).list(NATIONAL)).toEqual([]);
  });

  it('security: finds nobody who may not be seen', async () => {
    const none = { labels: [], location: false, updated: false };
    const { list } = ward({ sight: { ...listsAll.sight, careTeam: none, panel: none } as ListSight });
    expect(await list(NATIONAL)).toEqual([]);
  });

  it('security: is recorded as a search by it, and is never told in the record, not even in part', async () => {
    const { list, recorded } = ward();
    for (const typed of ['943', '943-476', NATIONAL, 'ng 943-476']) await list(typed);
    const hit = recorded.find(({ patientId }) => patientId === 'a');
    expect(hit).toMatchObject({ action: 'search', view: 'patients.list' });
    expect(new URLSearchParams(hit?.query?.split('?')[1]).get('by')).toBe('encrypted element');
    expect(JSON.stringify(recorded)).not.toContain('943');
    expect(JSON.stringify(recorded)).toContain('ng');
    const plain = ward({ marks: [], bodies: [onPanel('a', 'Ng', NATIONAL)] });
    await plain.list('943');
    expect(JSON.stringify(plain.recorded)).toContain('943');
  });
});
