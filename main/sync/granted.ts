import type { SyncTask } from '../cache/operations.ts';
import type { Scopes } from '../identity/scopes.ts';
import type { Capabilities } from './capabilities.ts';

/** Whether the sign-in covers what a task asks for: what it doesn't is answered here as the server would, unasked. */
export function isGranted(
  { kind = 'search', resourceType }: Pick<SyncTask, 'resourceType'> & { kind?: SyncTask['kind'] },
  scopes: Scopes,
): boolean {
  // An export says its types itself, and only those that are granted.
  if (kind === 'export') return true;
  if (kind === 'history') return scopes.allows(resourceType, 'r') || scopes.allows(resourceType, 's');
  return scopes.allows(resourceType, kind === 'read' ? 'r' : 's');
}

/** What the server can do, without the types that machine policy leaves out of the cache: they are never asked for. */
export function without(capabilities: Capabilities, leftOut: readonly string[]): Capabilities {
  const isKept = (type: string) => !leftOut.includes(type);
  return {
    ...capabilities,
    canSearch: (type) => isKept(type) && capabilities.canSearch(type),
    hasType: (type) => isKept(type) && capabilities.hasType(type),
    hasTypeHistory: (type) => isKept(type) && capabilities.hasTypeHistory(type),
  };
}

/** What the server can do for this sign-in. Searches are still planned, so that their sections say "not permitted". */
export function withinScopes(capabilities: Capabilities, scopes: Scopes): Capabilities {
  const isReadable = (type: string) => scopes.allows(type, 'r') && scopes.allows(type, 's');
  return {
    ...capabilities,
    hasType: (type) => capabilities.hasType(type) && isReadable(type),
    hasTypeHistory: (type) => capabilities.hasTypeHistory(type) && isReadable(type),
  };
}
