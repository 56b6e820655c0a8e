import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { firstLook } from '../../../main/identity/first-look.ts';
import { profilesFolder, wipesFolder } from '../../../main/identity/folders.ts';
import { createProfiles } from '../../../main/identity/profiles.ts';
import { writeDurably } from '../../../main/vault/durable.ts';
import { sessionState } from '../../../preload/contract/session.ts';
import { temporaryFolder } from '../vault/support.ts';

/** A folder of data with a profile for each clinician. */
async function workstation(...names: string[]) {
  const data = temporaryFolder();
  const profiles = createProfiles({ root: profilesFolder(data), write: writeDurably, now: Date.now });
  const ids: string[] = [];
  for (const display of names) {
    const id = randomUUID();
    mkdirSync(profiles.folderOf(id), { recursive: true });
    await profiles.add({ id, display, practitioner: 'Practitioner/a', server: 'https://s' });
    ids.push(id);
  }
  const [id = ''] = ids;
  return { data, id, file: join(profiles.folderOf(id), 'profile.json') };
}

describe('the first look', () => {
  it('sees whose passphrase is asked for, as the session will tell it', async () => {
    const { data, id } = await workstation('Dr A');
    const state = await firstLook(data);
    const profile = { id, display: 'Dr A', server: 'https://s' };
    expect(state).toEqual({ phase: 'locked', profile, reason: 'started', problem: null });
    expect(sessionState.parse(state)).toEqual(state);
  });

  it('calls a clinician without a name as the session does', async () => {
    const { data } = await workstation('Practitioner/17');
    expect(await firstLook(data)).toMatchObject({ profile: { display: '17' } });
  });

  it.each([[[]], [['Dr A', 'Dr B']]])('leaves %j to the session', async (names) => {
    expect(await firstLook((await workstation(...names)).data)).toBeNull();
  });

  it('security: does not ask for the passphrase of a profile while anything is being erased', async () => {
    const { data, id } = await workstation('Dr A');
    mkdirSync(wipesFolder(data));
    writeFileSync(join(wipesFolder(data), `${id}.json`), '{');
    expect(await firstLook(data)).toBeNull();
  });

  it.each([
    '{',
    'null',
    '7',
    '{"version":2}',
    '{"version":1,"id":"another","display":"Dr A","server":"https://s"}',
    '{"version":1,"id":ID,"display":7,"server":"https://s"}',
    '{"version":1,"id":ID,"display":"Dr A"}',
  ])('leaves a profile that reads %s to the session', async (content) => {
    const { data, id, file } = await workstation('Dr A');
    writeFileSync(file, content.replace('ID', JSON.stringify(id)));
    expect(await firstLook(data)).toBeNull();
  });

  it('leaves an enrolment that was cut off to the session', async () => {
    const data = temporaryFolder();
    mkdirSync(join(profilesFolder(data), randomUUID()), { recursive: true });
    expect(await firstLook(data)).toBeNull();
  });
});
