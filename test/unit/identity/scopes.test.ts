import { describe, expect, it } from 'vitest';
import { createGrant, parseScopes } from '../../../main/identity/scopes.ts';

/** Of the five permissions those that a scope grants for a type. */
function granted(scope: string, type: string): string {
  const scopes = parseScopes(scope);
  return [...'cruds'].filter((permission) => scopes.allows(type, permission as 'c')).join('');
}

describe('granted scopes', () => {
  it.each([
    ['user/Observation.rs', 'Observation', 'rs'],
    ['user/Observation.cruds', 'Observation', 'cruds'],
    ['patient/Observation.r', 'Observation', 'r'],
    ['user/*.rs user/Task.u', 'Task', 'rus'],
    ['user/*.rs user/Task.u', 'Patient', 'rs'],
    ['openid fhirUser offline_access launch/patient', 'Patient', ''],
    // SMART App Launch 1
    ['user/Observation.read', 'Observation', 'rs'],
    ['user/Observation.write', 'Observation', 'cud'],
    ['user/*.*', 'Condition', 'cruds'],
    ['patient/*.read', 'Condition', 'rs'],
  ])('%s is %s: %s', (scope, type, permissions) => {
    expect(granted(scope, type)).toBe(permissions);
  });

  it.each([
    '',
    'user/Condition.rs',
    'user/Observation.sr',
    'user/Observation.',
    'user/Observation',
    'User/Observation.rs',
    'user/Observation.rsx',
    'system/Observation.rs',
    'xuser/Observation.rs',
    'user/Observation.rs?category=laboratory',
  ])('security: %j grants nothing of Observation', (scope) => {
    expect(granted(scope, 'Observation')).toBe('');
  });
});

describe('the grant of a profile', () => {
  const store = (kept: string | null) => {
    const sets: string[] = [];
    return { sets, get: async () => kept, set: async (scope: string) => void sets.push(scope) };
  };

  it('is what was asked for until an answer says otherwise, and is kept for the next start', async () => {
    const kept = store(null);
    const grant = await createGrant(kept);
    expect(grant.allows('DocumentReference', 'c')).toBe(true);
    await grant.take('user/Patient.rs');
    expect(grant.allows('DocumentReference', 'c')).toBe(false);
    expect(grant.allows('Patient', 's')).toBe(true);
    expect(kept.sets).toEqual(['user/Patient.rs']);
  });

  it('is what the last answer said, and stays so where an answer says nothing', async () => {
    const kept = store('user/Patient.rs');
    const grant = await createGrant(kept);
    await grant.take(null);
    await grant.take('user/Patient.rs');
    expect(grant.allows('Observation', 'r')).toBe(false);
    expect(kept.sets).toEqual([]);
  });

  it('security: that could not be kept is not used', async () => {
    const grant = await createGrant({
      get: async () => 'user/Patient.rs',
      set: () => Promise.reject(new Error('full')),
    });
    await expect(grant.take('user/*.cruds')).rejects.toThrow();
    expect(grant.allows('Observation', 'c')).toBe(false);
  });
});
