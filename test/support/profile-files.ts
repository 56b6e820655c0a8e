import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import keytar from 'keytar';
import { openDatabase, type WriteDb } from '../../main/cache/open.ts';
import { cacheMigrations } from '../../main/cache/schema/index.ts';
import { PASSPHRASE, profilesOf } from './journey.ts';
import { SERVICE } from './keychain.ts';
import { keysOf } from './slots.ts';

/** The secrets of the one profile in a folder, as the keychain and the slots give them. */
export interface ProfileSecrets {
  folder: string;
  deviceSecret: Buffer;
  refreshToken: string;
  auditKey: Buffer;
  cacheKey: Buffer;
  outboxKey: Buffer;
}

async function entry(account: string): Promise<string> {
  const value = await keytar.getPassword(SERVICE, account);
  if (value === null) throw new Error(`no keychain entry ${account}`);
  return value;
}

/** Opens a profile from outside the program: the keychain of the session, and the passphrase of the tests. */
export async function profileSecrets(
  userData: string,
  profile = readdirSync(profilesOf(userData))[0] ?? '',
  passphrase = PASSPHRASE,
): Promise<ProfileSecrets> {
  const folder = join(profilesOf(userData), profile);
  const deviceSecret = Buffer.from(await entry(`${profile}/device-secret`), 'base64');
  const file = join(folder, 'slots.json');
  const keys = await keysOf({ file, profile, deviceSecret, passphrase });
  return {
    folder,
    deviceSecret,
    refreshToken: await entry(`${profile}/refresh-token`),
    auditKey: Buffer.from(await entry('audit/database-key'), 'base64'),
    ...keys,
  };
}

/** The cache of a program that has ended. */
export async function openCacheOf(userData: string): Promise<WriteDb> {
  const { folder, cacheKey } = await profileSecrets(userData);
  const file = join(folder, 'cache.db');
  const opened = openDatabase({ file, key: cacheKey, mode: 'write', migrations: cacheMigrations });
  if (!opened.ok) throw new Error(opened.error.code);
  return opened.value;
}
