import { patientTypes, sharedTypes } from '../../main/access/decisions.ts';
import type { Sight } from '../../main/cache/sight.ts';

/** Every record without a security label: what a read shows where nothing is withheld. */
export const seesAll: { readonly sight: Sight } = {
  sight: {
    newest: 0,
    shown: { types: [...patientTypes, ...sharedTypes], labels: [] },
    restricted: { purpose: { types: [], labels: [] }, emergency: { types: [], labels: [] } },
    row: { location: true, updated: true },
  },
};
