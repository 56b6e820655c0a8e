import { spawnSync } from 'node:child_process';
import { isRoot } from './places.mjs';
import { run } from './report.mjs';

/** Chromium's sandbox refuses root, so root's scripts run the program as this ordinary user. */
export const ordinaryUser = 'wardlight-dev';

export function makeOrdinaryUser() {
  if (!isRoot || process.platform !== 'linux') return 'you';
  if (spawnSync('id', ['-u', ordinaryUser], { stdio: 'ignore' }).status === 0) return ordinaryUser;
  run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', ordinaryUser]);
  return `${ordinaryUser}, made now`;
}
