import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export const project = resolve(import.meta.dirname, '..', '..');
export const modules = join(project, 'node_modules');

/** What set-up has found out about this clone; scripts read it through `runtime.mjs`. */
export const state = join(modules, '.cache', 'wardlight');

export const isRoot = process.getuid?.() === 0;

/**
 * Outside the clone, so that a fresh clone doesn't unpack the same runtime again. As root it is a folder that the
 * ordinary user, as whom the program runs, can read as well.
 */
export const sharedCache =
  process.env.WARDLIGHT_CACHE ??
  (isRoot
    ? '/var/cache/wardlight'
    : process.platform === 'darwin'
      ? join(homedir(), 'Library', 'Caches', 'wardlight')
      : process.platform === 'win32'
        ? join(process.env.LOCALAPPDATA ?? homedir(), 'wardlight', 'Cache')
        : join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'wardlight'));
