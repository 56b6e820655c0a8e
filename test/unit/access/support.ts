import { type AccessOptions, createAccess } from '../../../main/access/access.ts';
import { createCharting } from '../../../main/access/charting.ts';
import { defaultBundle } from '../../../main/access/policy/defaults.ts';
import { createEngine, type Engine } from '../../../main/access/policy/engine.ts';
import { createRegistering, type RegisteringOptions } from '../../../main/access/registering.ts';
import { createWriter, type WritesOptions } from '../../../main/access/write.ts';
import { createWrites } from '../../../main/access/writes.ts';
import type { Cache } from '../../../main/cache/client.ts';
import type { Standing, Subject } from '../../../main/cache/operations.ts';
import { noTies } from '../../../main/cache/reads/ties.ts';
import { emptyForm } from '../../support/forms.ts';
import { numbersOver } from '../../support/numbers.ts';

/** The policies that Wardlight ships, ready to decide by. */
export function defaultEngine(): Engine {
  const engine = createEngine(defaultBundle);
  if (Array.isArray(engine)) throw new Error(JSON.stringify(engine));
  return engine;
}

/** Access as it is without a grant, online, by the default policies. */
export function accessTo(cache: Cache, options: Partial<AccessOptions> = {}) {
  return createAccess({
    cache,
    engine: defaultEngine(),
    practitioner: 'Practitioner/a',
    scopes: () => null,
    conditions: () => ({ offline: false, managed: false, hour: 10 }),
    grantOf: () => null,
    now: () => '2026-03-12T14:32:00Z',
    ...options,
  });
}

type WritingOptions = Omit<WritesOptions, 'device' | 'language'> &
  Partial<Pick<WritesOptions, 'device' | 'language'> & Pick<RegisteringOptions, 'isOpen'>>;
const device: WritesOptions['device'] = async () => ({ display: 'Wardlight' });

/** The page's ways to write, with a workstation that has a name. */
export function writingFor(options: WritingOptions) {
  const all = { device, language: async () => 'en' as const, isOpen: () => true, ...options };
  const writer = createWriter(all);
  const numbers = numbersOver({ file: null, witness: null });
  const registering = createRegistering({ ...all, numbers, visitClass: 'EMER' }, writer);
  const charting = { ...createCharting(all, writer, emptyForm), ...registering };
  return { writes: createWrites(all, writer), charting, numbers };
}

/** How a clinician of some patients is related with one. */
export function standingOf(panel: readonly string[], patientId: string | null): Standing {
  const relation = patientId !== null && panel.includes(patientId) ? 'care-team' : 'none';
  return { relation, label: 0, newest: 0, roles: [], ties: noTies };
}

/** A version of a patient's record without labels. */
export function plainSubject(type: string, patientId: string): Subject {
  return { type, patientId, labels: { confidentiality: 'N', sensitivity: [], authors: [] } };
}
