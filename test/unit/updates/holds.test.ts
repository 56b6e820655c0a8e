import { expect, it } from 'vitest';
import { holdsOf, type UnderWay } from '../../../main/updates/holds.ts';

const nothing: UnderWay = { sync: { online: true, activity: 'idle' }, drafts: 0, transfers: [] };
const file = { record: 'open', state: 'waiting', paused: false } as const;

it.each<[string, Partial<UnderWay>, readonly string[]]>([
  ['nothing', {}, []],
  ['a downtime', { sync: { online: false, activity: 'idle' } }, ['offline']],
  ['a server that was not asked yet', { sync: { online: null, activity: 'idle' } }, ['offline']],
  ['a sync', { sync: { online: true, activity: 'running' } }, ['syncing']],
  ['a draft', { drafts: 1 }, ['unsaved']],
  ['a file on its way', { transfers: [file] }, ['sending']],
  ['a file whose record is being sent', { transfers: [{ ...file, state: 'stored' }] }, ['sending']],
  [
    'files that wait for a person',
    {
      transfers: [
        { ...file, paused: true },
        { ...file, state: 'failed' },
      ],
    },
    [],
  ],
  ['a file that is done', { transfers: [{ ...file, record: 'sent' }] }, []],
  [
    'all of it',
    { sync: { online: false, activity: 'running' }, drafts: 2, transfers: [file] },
    ['offline', 'unsaved', 'sending', 'syncing'],
  ],
])('security: what would be interrupted by an update: %s', (_name, change, holds) => {
  expect(holdsOf({ ...nothing, ...change })).toEqual(holds);
});
