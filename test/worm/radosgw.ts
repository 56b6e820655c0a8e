import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server that the suite can run against. */
export interface WormServer {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  close(): Promise<void>;
}

/** Programs that it needs, with Debian's packages of them. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'ceph-mon': 'ceph-mon',
  'ceph-osd': 'ceph-osd',
  radosgw: 'radosgw',
  'radosgw-admin': 'radosgw',
};

/** Debian's packages that are missing for it. */
export function missingPackages(): string[] {
  const missing = Object.entries(PROGRAMS).filter(([program]) => {
    try {
      execFileSync('which', [program], { stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  });
  return [...new Set(missing.map(([, name]) => name))];
}

/**
 * Starts Ceph's object gateway with Object Lock as a whole cluster of its own on loopback: one monitor, one store in
 * memory, one gateway. No service manager, nothing left behind.
 */
export async function startRadosgw(): Promise<WormServer> {
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-worm-'));
  const [monitor, monitorOld, gateway] = await freePorts(3);
  const children: ChildProcess[] = [];
  const close = async () => {
    await Promise.all(children.reverse().map(end));
    rmSync(folder, { recursive: true, force: true });
  };
  const environment = { ...process.env, CEPH_CONF: join(folder, 'ceph.conf') };
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, {
      cwd: folder,
      env: environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const start = (program: string, ...args: string[]) => {
    const output = openSync(join(folder, `${program}.out`), 'a');
    children.push(spawn(program, args, { cwd: folder, env: environment, stdio: ['ignore', output, output] }));
  };
  try {
    const cluster = randomUUID();
    for (const name of ['mon', 'osd', 'run']) mkdirSync(join(folder, name));
    mkdirSync(join(folder, 'osd', '0'));
    writeFileSync(join(folder, 'ceph.conf'), configuration(folder, { cluster, monitor, monitorOld, gateway }));
    makeKeys(run);
    const addresses = `[v2:127.0.0.1:${monitor},v1:127.0.0.1:${monitorOld}]`;
    run('monmaptool', '--create', '--fsid', cluster, '--addv', 'a', addresses, 'monmap');
    run('ceph-mon', '--mkfs', '-i', 'a', '--monmap', 'monmap', '--keyring', 'keyring');
    start('ceph-mon', '-i', 'a', '-f');
    const store = randomUUID();
    run('ceph', '--connect-timeout', '30', 'osd', 'new', store);
    run('ceph', 'auth', 'import', '-i', 'keyring');
    run('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', store);
    start('ceph-osd', '-i', '0', '-f');
    start('radosgw', '-n', 'client.rgw', '-f');
    const endpoint = `http://127.0.0.1:${gateway}`;
    await untilAnswering(endpoint);
    return { endpoint, credentials: makeUser(run), close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Run = (program: string, ...args: string[]) => string;

function makeKeys(run: Run): void {
  const all = ['--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *'];
  run('ceph-authtool', '--create-keyring', 'keyring', '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *');
  run('ceph-authtool', 'keyring', '--gen-key', '-n', 'client.admin', ...all, '--cap', 'mgr', 'allow *');
  run('ceph-authtool', 'keyring', '--gen-key', '-n', 'client.rgw', ...all);
  run(
    'ceph-authtool',
    'keyring',
    '--gen-key',
    '-n',
    'osd.0',
    '--cap',
    'mon',
    'allow profile osd',
    '--cap',
    'osd',
    'allow *',
  );
}

/** The gateway draws the keys of its users itself. */
function makeUser(run: Run): WormServer['credentials'] {
  const said = run('radosgw-admin', '-n', 'client.rgw', 'user', 'create', '--uid', 'it', '--display-name', 'IT');
  const { keys } = JSON.parse(said) as { keys: { access_key: string; secret_key: string }[] };
  const [key] = keys;
  if (!key) throw new Error('radosgw made no key');
  return { accessKeyId: key.access_key, secretAccessKey: key.secret_key };
}

interface Places {
  readonly cluster: string;
  readonly monitor: number | undefined;
  readonly monitorOld: number | undefined;
  readonly gateway: number | undefined;
}

function configuration(folder: string, { cluster, monitor, monitorOld, gateway }: Places): string {
  return `[global]
fsid = ${cluster}
mon host = [v2:127.0.0.1:${monitor}/0,v1:127.0.0.1:${monitorOld}/0]
mon initial members = a
keyring = ${folder}/keyring
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1
mon data avail warn = 2
run dir = ${folder}/run
admin socket = ${folder}/run/$name.$pid.asok
pid file = ${folder}/run/$name.pid
log file = ${folder}/run/$name.log
mon cluster log file = ${folder}/run/cluster.log
[mon.a]
mon data = ${folder}/mon/a
[osd.0]
osd data = ${folder}/osd/0
osd objectstore = memstore
memstore device bytes = 536870912
[client.rgw]
rgw data = ${folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:${gateway}
rgw thread pool size = 16
rgw enable apis = s3
`;
}

async function untilAnswering(endpoint: string): Promise<void> {
  const until = performance.now() + 60_000;
  for (;;) {
    try {
      await fetch(endpoint);
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
