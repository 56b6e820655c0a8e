import { createHash, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DevServer, startServer } from '../server/index.ts';
import { type RunningApp, startApp } from '../support/app.ts';
import { type Authority, createAuthority, createCertificateStore } from '../support/certificates.ts';
import { enrol, newUserData, synced, unlock } from '../support/journey.ts';
import { type PolicyInput, policyFile, takenUp } from '../support/machine-policy.ts';
import { startProxy, startProxyScript } from '../support/proxy.ts';
import { shot } from '../support/shots.ts';

const PATIENTS = { patients: 2, seed: 7, now: '2026-11-01T08:00:00Z' };
/** What policy has of loopback, which Chromium's proxies leave out by themselves. */
const LOOPBACK = '<-loopback>';
/** A key that nobody has. */
const BACK_UP = createHash('sha256').update('back-up').digest('base64');

const pinOf = (pem: string) =>
  createHash('sha256')
    .update(new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');

describe.runIf(process.platform === 'linux')('connections by machine policy', () => {
  let hospital: Authority;
  let server: DevServer;
  const store = createCertificateStore();

  beforeAll(async () => {
    hospital = createAuthority('Connections CA');
    store.trust('connections', hospital.caFile);
    server = await startServer({ ...PATIENTS, tls: hospital.server() });
  });
  afterAll(() => server.stop());

  const start = (address: string, args: string[]): Promise<RunningApp> =>
    startApp({ userData: newUserData(), server: address, env: { NODE_EXTRA_CA_CERTS: hospital.caFile }, args });

  /** By what this attempt says, and not an earlier one. */
  async function signInFails({ page }: RunningApp, code: string): Promise<void> {
    await page.evaluate(() => {
      for (const one of document.querySelectorAll('[data-code]')) one.setAttribute('data-before', '');
    });
    await page.getByTestId('signin-submit').click();
    await page.locator(`[data-code="${code}"]:not([data-before])`).waitFor();
  }

  it('goes through the one proxy that policy names with everything, and directly once it says so', async () => {
    const proxy = await startProxy();
    const { set, args } = policyFile({
      proxy: { mode: 'fixed', server: `http://${proxy.address}`, bypass: [LOOPBACK] },
    });
    const { app, page } = await start(server.url, args);
    try {
      await enrol(page);
      await synced(page);
      const through = proxy.tunnels.length;
      expect([...new Set(proxy.tunnels)]).toEqual([`127.0.0.1:${server.port}`]);
      set({ proxy: { mode: 'direct' } });
      proxy.stop();
      await page.keyboard.press('Control+l');
      await takenUp(page, 'proxy', '"direct"');
      const before = server.requests.length;
      await unlock(page);
      await synced(page);
      await expect.poll(() => server.requests.length).toBeGreaterThan(before);
      expect(proxy.tunnels).toHaveLength(through);
    } finally {
      await app.close();
      proxy.stop();
    }
  });

  it('heeds the proxy script that policy names', async () => {
    const proxy = await startProxy();
    const script = await startProxyScript(proxy.address);
    const { args } = policyFile({ proxy: { mode: 'script', url: script.url } });
    const running = await start('https://fhir.hospital.test/fhir', args);
    await signInFails(running, 'server-unreachable');
    await running.app.close();
    expect([...new Set(proxy.tunnels)]).toEqual(['fhir.hospital.test:443']);
    proxy.stop();
    script.stop();
  });

  it('security: a server with another key than those that policy has pinned is sent nothing, until policy names its key', async () => {
    const before = server.requests.length;
    const other = pinOf(createAuthority('Other CA').ca);
    const pinned = (sha256: string[]): PolicyInput => ({ tls: { pins: [{ host: '127.0.0.1', sha256 }] } });
    const { set, args } = policyFile(pinned([other, BACK_UP]));
    const running = await start(server.url, args);
    try {
      await signInFails(running, 'server-pin');
      await shot(running.page, 'connections-pin');
      expect(server.requests).toHaveLength(before);
      // There is no way around it.
      expect(await running.page.locator('[data-code="server-pin"]').getByRole('button').count()).toBe(0);
      set(pinned([pinOf(hospital.ca), BACK_UP]));
      await signInFails(running, 'server-pin');
      await takenUp(running.page, 'tls.pins', pinOf(hospital.ca));
      await enrol(running.page);
      await synced(running.page);
    } finally {
      await running.app.close();
    }
  });

  it('security: pins that can’t be read let no server through', async () => {
    const { args } = policyFile({ tls: { pins: [{ host: '127.0.0.1', sha256: ['one alone'] }] } });
    const running = await start(server.url, args);
    await signInFails(running, 'server-pin');
    await running.app.close();
  });

  it('security: shows no certificate to a host, or of an authority, that policy does not name, until it does', async () => {
    const asking = await certified('one');
    const rules = (...clientCertificates: NonNullable<NonNullable<PolicyInput['tls']>['clientCertificates']>) => ({
      tls: { clientCertificates },
    });
    const { set, args } = policyFile(rules());
    const running = await start(asking.url, args);
    try {
      await signInFails(running, 'client-certificate');
      for (const [hosts, issuers] of [
        [['ehr.example'], null],
        [['127.0.0.1'], ['Connections']],
      ] as const) {
        set(rules({ hosts: [...hosts], issuers: issuers && [...issuers] }));
        await signInFails(running, 'client-certificate');
        await takenUp(running.page, 'tls.clientCertificates', JSON.stringify(issuers));
        await signInFails(running, 'client-certificate');
      }
      set(rules({ hosts: ['127.0.0.1'], issuers: ['Connections CA'] }));
      await signInFails(running, 'client-certificate');
      await takenUp(running.page, 'tls.clientCertificates', 'Connections CA');
      await enrol(running.page);
    } finally {
      await running.app.close();
      await asking.stop();
    }
  });

  it('shows the certificate of the authority that policy names, where two would fit, and asks nobody', async () => {
    const asking = await certified('either');
    const { args } = policyFile({
      tls: { clientCertificates: [{ hosts: ['127.0.0.1'], issuers: ['Connections CA'] }] },
    });
    const { app, page } = await start(asking.url, args);
    try {
      await enrol(page);
      await synced(page);
    } finally {
      await app.close();
      await asking.stop();
    }
  });

  let second: Authority | undefined;
  /** A server that asks for a certificate of one authority, or of either; the workstation has one of each. */
  async function certified(which: 'one' | 'either'): Promise<DevServer> {
    if (!second) {
      second = createAuthority('Connections second CA');
      store.add(hospital.client('connections-one'));
      store.add(second.client('connections-two'));
    }
    const clientCa = which === 'one' ? hospital.ca : `${hospital.ca}${second.ca}`;
    return startServer({ ...PATIENTS, tls: { ...hospital.server(), clientCa } });
  }
});
