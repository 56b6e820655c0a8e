import { protocol } from 'electron';
import { CAMERA_SCHEME, SCHEME } from './protocol.ts';

/** Gives the page, and what takes photos, origins of their own with a browser's full protections. Before the app is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: CAMERA_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: false } },
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: false, corsEnabled: false } },
  ]);
}
