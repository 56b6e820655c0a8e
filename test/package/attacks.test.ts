import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { project } from '../../build/setup/places.mjs';
import { type DevServer, startServer } from '../server/index.ts';
import { attack } from '../support/attacks/program.ts';
import { startResolver } from '../support/attacks/witness.ts';
import { createAuthority } from '../support/certificates.ts';
import { type RunningProgram, startDebugged, trustAuthority, userDataAt } from '../support/installed.ts';
import { enrol, synced } from '../support/journey.ts';
import { type Machine, type Seat, sitDown, startMachine } from '../support/machine.ts';

const isPossible = process.getuid?.() === 0 && process.platform === 'linux';
const SET_UP_MS = 5 * 60_000;

/*
 * What test/security/attacks.test.ts does to the built tree, here done to the program as it is packaged: fused, sandboxed, as
 * an ordinary user. Main can't be looked into: its processes, files and log are.
 */
describe.runIf(isPossible)('the packaged program', () => {
  const authority = createAuthority('Hospital CA');
  const folder = join(inject('packages'), 'linux-unpacked');
  let server: DevServer;
  let resolver: Awaited<ReturnType<typeof startResolver>>;
  let machine: Machine;
  let seat: Seat;
  let running: RunningProgram;

  beforeAll(async () => {
    server = await startServer({ patients: 4, seed: 7, now: '2026-11-01T08:00:00Z', tls: authority.server() });
    machine = await startMachine();
    resolver = await startResolver();
    rmSync(machine.path('/etc/resolv.conf'), { force: true });
    writeFileSync(machine.path('/etc/resolv.conf'), `nameserver ${resolver.address}\n`);
    mkdirSync(machine.path('/etc/wardlight'), { mode: 0o755 });
    const policy = { remoteDebugging: true, servers: { suggested: server.url }, unlock: { maxAttempts: 1_000 } };
    writeFileSync(machine.path('/etc/wardlight/policy.json'), JSON.stringify(policy));
    // What the package's own script does where nobody can have a namespace of her own, as in such a copy.
    expect(machine.run('chmod', ['4755', join(folder, 'chrome-sandbox')])).toEqual({ status: 0, said: '' });
    seat = await sitDown(machine, project);
    running = await startDebugged(seat, {
      command: join(folder, 'wardlight'),
      userData: userDataAt(machine, seat),
      env: trustAuthority(machine, seat, authority.ca),
    });
    await enrol(running.page);
    await synced(running.page);
  }, SET_UP_MS);
  afterAll(async () => {
    await running?.close();
    await seat?.end();
    await machine?.end();
    await server?.stop();
    resolver?.end();
    rmSync(dirname(authority.caFile), { recursive: true, force: true });
  });

  it('is the packaged one, and says that it is open to a debugger', async () => {
    const about = await running.page.evaluate(() => window.wardlight.preferences.about({}));
    expect(about).toMatchObject({ ok: true, value: { developmentRuntime: false, remoteDebugging: true } });
  });

  it('security: looks up no name that its page hints at', async () => {
    await running.page.evaluate(async () => {
      for (const rel of ['dns-prefetch', 'preconnect', 'prefetch', 'preload']) {
        const link = document.head.appendChild(document.createElement('link'));
        link.rel = rel;
        link.href = `https://${rel}.witness.test/`;
      }
      // What is known to be looked up (threat model), so that it is seen that the others aren't.
      const iceServers = [{ urls: 'turn:call.witness.test?transport=tcp', username: 'x', credential: 'x' }];
      const connection = new RTCPeerConnection({ iceServers });
      connection.createDataChannel('x');
      await connection.setLocalDescription(await connection.createOffer());
    });
    await expect.poll(resolver.asked).toContain('call.witness.test');
    expect(resolver.asked().filter((name) => name.endsWith('witness.test'))).toEqual(['call.witness.test']);
  });

  attack(() => ({ page: running.page, pid: running.pid, userData: userDataAt(machine, seat), server }), {
    calls: 25,
    addresses: 400,
  });
});
