import { protocol } from 'electron';
import { SCHEME } from './protocol.ts';

/** Gives the page an origin of its own with a browser's full protections. Before the app is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: false, corsEnabled: false } },
  ]);
}
