import type { Cache } from '../../cache/client.ts';
import type { DocumentKeys } from '../keys/keys.ts';
import type { Mark } from './elements.ts';
import { named, valueName } from './sealer.ts';

export interface FindOptions {
  readonly fields: readonly Mark[];
  readonly cache: { readonly read: Pick<Cache['read'], 'findField'> };
  /** A copy of what opens the cache's own layer (main/cache/fields/key.ts). */
  readonly wrapping: () => Uint8Array;
  /** Null where the organisation has set nothing up: then what others have sealed isn't found. */
  readonly keys: () => Pick<DocumentKeys, 'pseudonym'> | null;
}

/** Finds patients by what is encrypted in their records, as far as policy lets it be found by its value. */
export interface FindPatients {
  /** An element of a patient's is encrypted, so that what somebody looks for may be such a value. */
  readonly isSealed: boolean;
  /** Ids of patients of whom an element is exactly this. Whether they may be seen is for the caller to know. */
  byValue(value: string): Promise<string[]>;
}

/** Shorter ones tell of too many, and are typed on the way to every other. */
const VALUE_MIN = 4;

export function createFindPatients({ fields, cache, wrapping, keys }: FindOptions): FindPatients {
  const ofPatient = fields.filter(({ type }) => type === 'Patient');
  const paths = new Set(ofPatient.flatMap(({ path, blindIndex }) => (blindIndex ? [path] : [])));
  return {
    isSealed: ofPatient.length > 0,
    async byValue(value) {
      if (value.length < VALUE_MIN) return [];
      const found = new Set<string>();
      for (const path of paths) {
        const asked = { type: 'Patient', path, value, wrapping: wrapping() };
        const known = keys();
        const hash = known && (await named(known, 'value', valueName('Patient', path, value)));
        for (const { id } of await cache.read.findField({ ...asked, hash })) found.add(id);
      }
      return [...found];
    },
  };
}
