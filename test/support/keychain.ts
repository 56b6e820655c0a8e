import keytar from 'keytar';
import { MEMORY_ACCOUNT } from '../../main/updates/memory.ts';

/** Under which the program keeps its entries in the keychain of the account. */
export const SERVICE = 'org.wardlight.app';

/** The account remembers what another test's workstation has seen of updates: on a new one that counts as taken away. */
export async function forgetUpdates(): Promise<void> {
  await keytar.deletePassword(SERVICE, MEMORY_ACCOUNT);
}
