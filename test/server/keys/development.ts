import { mkdirSync } from 'node:fs';
import type { KeysOptions } from './inside.ts';

/** No secret: it opens keys of synthetic data. */
const PIN = 'synthetic-1234';

/** An organisation's keys for development, in a folder; null where this machine has no token for them. */
export async function developmentKeys(folder: string): Promise<KeysOptions | null> {
  try {
    // Its native module needn't be there for the FHIR server.
    const { moduleOf } = await import('../../../build/keys/token.ts');
    if (moduleOf('nss') === null) return null;
  } catch {
    return null;
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return { folder, pin: PIN };
}
