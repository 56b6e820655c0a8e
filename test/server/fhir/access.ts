import { FhirError } from './reply.ts';

/** What a bearer token permits, by SMART App Launch 2 scopes (`user/Observation.rs`); v1 `read` and `write` too. */
export type Permission = 'c' | 'r' | 'u' | 'd' | 's';

export interface Access {
  allows(type: string, permission: Permission): boolean;
}

const SCOPE = /^(?:user|patient|system)\/(\*|[A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)(?:\?.*)?$/;
const V1: Record<string, string> = { read: 'rs', write: 'cud', '*': 'cruds' };

export function accessFor(scope: string): Access {
  const granted = new Map<string, string>();
  for (const part of scope.split(' ')) {
    const match = SCOPE.exec(part);
    if (match) granted.set(match[1]!, (granted.get(match[1]!) ?? '') + (V1[match[2]!] ?? match[2]!));
  }
  return {
    allows: (type, permission) => ((granted.get('*') ?? '') + (granted.get(type) ?? '')).includes(permission),
  };
}

const NAMES: Record<Permission, string> = { c: 'create', r: 'read', u: 'update', d: 'delete', s: 'search' };

export function demand(access: Access, type: string, permission: Permission): void {
  if (!access.allows(type, permission)) {
    throw new FhirError(403, 'forbidden', `the granted scopes do not permit to ${NAMES[permission]} ${type}`, {
      headers: { 'www-authenticate': 'Bearer error="insufficient_scope"' },
    });
  }
}
