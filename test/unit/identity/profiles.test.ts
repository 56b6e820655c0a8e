import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProfiles } from '../../../main/identity/profiles.ts';
import { writeDurably } from '../../../main/vault/durable.ts';
import { temporaryFolder } from '../vault/support.ts';

const who = { display: 'Dr A', practitioner: 'Practitioner/a', server: 'https://s' };

function start() {
  const root = join(temporaryFolder(), 'profiles');
  let time = Date.parse('2026-03-01T08:00:00Z');
  const open = () => createProfiles({ root, write: writeDurably, now: () => time });
  const profiles = open();
  const make = (id: string) => mkdirSync(profiles.folderOf(id), { recursive: true });
  const enrol = async (id: string, change: Partial<typeof who> = {}) => {
    make(id);
    return profiles.add({ id, ...who, ...change });
  };
  return {
    root,
    profiles,
    make,
    enrol,
    open,
    pass: (ms: number) => {
      time += ms;
    },
  };
}

const none = { profiles: [], damaged: [] };

describe('profiles', () => {
  it('are found as they were added, also by the next start of the program', async () => {
    const { root, enrol, open } = start();
    const id = randomUUID();
    const added = await enrol(id);
    expect(added).toEqual({ version: 1, id, ...who, folder: join(root, id) });
    expect(await open().list()).toEqual({ profiles: [{ ...added, lastUsed: null }], damaged: [] });
  });

  it('are found as a program of before several of them wrote one', async () => {
    const { profiles, make, open } = start();
    const id = randomUUID();
    make(id);
    writeFileSync(join(profiles.folderOf(id), 'profile.json'), JSON.stringify({ version: 1, id, ...who }));
    expect(await open().list()).toMatchObject({ profiles: [{ id, ...who }], damaged: [] });
  });

  it('are none where the program never ran', async () => {
    expect(await start().profiles.list()).toEqual(none);
  });

  it('come in the order in which they were last used, across starts', async () => {
    const { profiles, enrol, open, pass } = start();
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
    for (const id of [a, b, c]) await enrol(id);
    for (const id of [a, c, a]) {
      pass(60_000);
      await profiles.touch({ id });
    }
    const { profiles: listed } = await open().list();
    expect(listed.map(({ id }) => id)).toEqual([a, c, b]);
    expect(listed.map(({ lastUsed }) => lastUsed)).toEqual([
      '2026-03-01T08:03:00.000Z',
      '2026-03-01T08:02:00.000Z',
      null,
    ]);
  });

  it('open as ever where it can’t be read or written when they were used', async () => {
    const { profiles, enrol, open } = start();
    const id = randomUUID();
    await enrol(id);
    mkdirSync(join(profiles.folderOf(id), 'last-used.json'));
    await profiles.touch({ id });
    expect(await open().list()).toMatchObject({ profiles: [{ id, lastUsed: null }], damaged: [] });
  });

  it('are all there beside one that is damaged, which is named', async () => {
    const { profiles, enrol, make } = start();
    const [good, bad, other] = [randomUUID(), randomUUID(), randomUUID()];
    await enrol(good);
    await enrol(other, { practitioner: 'Practitioner/b' });
    make(bad);
    writeFileSync(join(profiles.folderOf(bad), 'profile.json'), '{');
    const found = await profiles.list();
    expect(found.profiles.map(({ id }) => id).sort()).toEqual([good, other].sort());
    expect(found.damaged).toEqual([bad]);
  });

  it('do not count where enrolment was cut off', async () => {
    const { profiles, make } = start();
    const [cut, whole] = [randomUUID(), randomUUID()].sort() as [string, string];
    make(cut);
    writeFileSync(join(profiles.folderOf(cut), 'slots.json'), '{}');
    expect(await profiles.list()).toEqual(none);
    make(whole);
    await profiles.add({ id: whole, ...who });
    expect(await profiles.list()).toMatchObject({ profiles: [{ id: whole }] });
  });

  it('security: a profile that was put into another folder is not taken for that folder’s', async () => {
    const { root, profiles, enrol } = start();
    const [id, other] = [randomUUID(), randomUUID()];
    await enrol(id);
    renameSync(join(root, id), join(root, other));
    expect(await profiles.list()).toEqual({ profiles: [], damaged: [other] });
  });

  it.each(['', '{', 'null', '[]', '{"version":2}', '{"version":1,"id":"../x"}'])(
    'security: a profile file of %j is named as damaged, so that no new profile takes its place',
    async (content) => {
      const { profiles, make } = start();
      const id = randomUUID();
      make(id);
      writeFileSync(join(profiles.folderOf(id), 'profile.json'), content);
      expect(await profiles.list()).toEqual({ profiles: [], damaged: [id] });
    },
  );
});
