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
  const profiles = createProfiles({ root, write: writeDurably });
  const make = (id: string) => mkdirSync(profiles.folderOf(id), { recursive: true });
  return { root, profiles, make };
}

const none = { ok: true, value: null };
const damaged = { ok: false, error: { code: 'profile-damaged' } };

describe('profiles', () => {
  it('are found as they were added, also by the next start of the program', async () => {
    const { root, profiles, make } = start();
    const id = randomUUID();
    make(id);
    const added = await profiles.add({ id, ...who });
    expect(added).toEqual({ version: 1, id, ...who, folder: join(root, id) });
    expect(await createProfiles({ root, write: writeDurably }).find()).toEqual({ ok: true, value: added });
  });

  it('are none where the program never ran', async () => {
    expect(await start().profiles.find()).toEqual(none);
  });

  it('do not count where enrolment was cut off', async () => {
    const { profiles, make } = start();
    const [cut, whole] = [randomUUID(), randomUUID()].sort() as [string, string];
    make(cut);
    writeFileSync(join(profiles.folderOf(cut), 'slots.json'), '{}');
    expect(await profiles.find()).toEqual(none);
    make(whole);
    await profiles.add({ id: whole, ...who });
    expect(await profiles.find()).toMatchObject({ value: { id: whole } });
  });

  it('security: a profile that was put into another folder is not taken for that folder’s', async () => {
    const { root, profiles, make } = start();
    const [id, other] = [randomUUID(), randomUUID()];
    make(id);
    await profiles.add({ id, ...who });
    renameSync(join(root, id), join(root, other));
    expect(await profiles.find()).toEqual(damaged);
  });

  it.each(['', '{', 'null', '[]', '{"version":2}', '{"version":1,"id":"../x"}'])(
    'security: a profile file of %j is named as damaged, so that no new profile takes its place',
    async (content) => {
      const { profiles, make } = start();
      const id = randomUUID();
      make(id);
      writeFileSync(join(profiles.folderOf(id), 'profile.json'), content);
      expect(await profiles.find()).toEqual(damaged);
    },
  );
});
