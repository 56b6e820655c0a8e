/** What can be done with a type of record: create, read, update, delete, search (SMART App Launch 2). */
export type Permission = 'c' | 'r' | 'u' | 'd' | 's';

/** What the server has granted, by type of record. */
export interface Scopes {
  allows(type: string, permission: Permission): boolean;
}

/** What is asked for at each sign-in: everything that can be read, and no more than can be written here. */
export const ASKED_SCOPES = [
  'openid',
  'fhirUser',
  // The name in the ID token: of whom the Practitioner may not be read there is no other.
  'profile',
  'offline_access',
  'user/*.rs',
  'user/DocumentReference.cu',
  'user/Observation.cu',
  'user/AllergyIntolerance.cu',
  'user/Condition.cu',
  'user/Immunization.cu',
  'user/MedicationStatement.cu',
  'user/Appointment.u',
  'user/QuestionnaireResponse.cu',
  // Visits and specimens that are registered in a downtime.
  'user/Encounter.cu',
  'user/Specimen.cu',
  'user/Provenance.c',
  // The workstation makes itself and the key of its record known, and acknowledges that it has erased itself (decisions 26, 43).
  'user/Device.cu',
  'user/Task.cu',
];

/** SMART 2 in its fixed order, or one of version 1's words. */
const CLINICAL = /^(?:user|patient)\/(\*|[A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)$/;
const VERSION_1: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };

/**
 * Reads the `scope` of a token answer, of version 2 or 1. A scope for a part of a type only (`?category=…`) grants
 * nothing here: a part of a section would be shown as the whole.
 */
export function parseScopes(scope: string): Scopes {
  const granted = new Map<string, string>();
  for (const word of scope.split(' ')) {
    const [, type = '', permissions = ''] = CLINICAL.exec(word) ?? [];
    if (permissions === '') continue;
    granted.set(type, (granted.get(type) ?? '') + (VERSION_1[permissions] ?? permissions));
  }
  return {
    allows: (type, permission) => ['*', type].some((key) => granted.get(key)?.includes(permission) ?? false),
  };
}

export interface GrantStore {
  get(): Promise<string | null>;
  set(scope: string): Promise<void>;
}

/** What is granted to one unlocked profile, also before the first answer of the token endpoint after a start. */
export interface Grant extends Scopes {
  /** As the server has told them; null before it has told any. */
  words(): readonly string[] | null;
  /** A token answer; null where it says nothing of scopes, and so has changed nothing (RFC 6749, section 5.1). */
  take(scope: string | null): Promise<void>;
}

/** What was granted last is kept in the cache; what was asked for counts until there is a first answer. */
export async function createGrant(store: GrantStore): Promise<Grant> {
  let text = await store.get();
  let scopes = parseScopes(text ?? ASKED_SCOPES.join(' '));
  return {
    allows: (type, permission) => scopes.allows(type, permission),
    words: () => text?.split(' ') ?? null,
    async take(scope) {
      if (scope === null || scope === text) return;
      await store.set(scope);
      text = scope;
      scopes = parseScopes(scope);
    },
  };
}
