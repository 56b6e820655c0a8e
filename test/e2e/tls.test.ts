import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DevServer, startServer } from '../server/index.ts';
import { inMain, type RunningApp, startApp } from '../support/app.ts';
import { type Authority, createAuthority, createCertificateStore } from '../support/certificates.ts';
import { enrol, newUserData, synced } from '../support/journey.ts';
import { startProxy, startProxyScript } from '../support/proxy.ts';

const PATIENTS = { patients: 2, seed: 7, now: '2026-11-01T08:00:00Z' };
const throughProxy = (address: string) => [`--proxy-server=${address}`, '--proxy-bypass-list=<-loopback>'];

describe.runIf(process.platform === 'linux')('a hospital with an authority of its own', () => {
  let hospital: Authority;
  let stranger: Authority;
  let server: DevServer;
  const store = createCertificateStore();

  beforeAll(async () => {
    hospital = createAuthority('Hospital CA');
    stranger = createAuthority('Stranger CA');
    store.trust('hospital', hospital.caFile);
    server = await startServer({ ...PATIENTS, tls: { ...hospital.server(), clientCa: hospital.ca } });
  });
  afterAll(() => server.stop());

  const start = (address: string, args: string[] = []): Promise<RunningApp> =>
    startApp({ userData: newUserData(), server: address, env: { NODE_EXTRA_CA_CERTS: hospital.caFile }, args });

  async function signInFails(address: string, code: string, args: string[] = []): Promise<void> {
    const { app, page } = await start(address, args);
    try {
      await page.getByTestId('signin-submit').click();
      await page.locator(`[data-code="${code}"]`).waitFor();
    } finally {
      await app.close();
    }
  }

  it('security: a server whose certificate nobody here trusts is sent nothing, and there is no way around it', async () => {
    const untrusted = await startServer({ ...PATIENTS, tls: stranger.server() });
    await signInFails(untrusted.url, 'server-certificate');
    expect(untrusted.requests).toEqual([]);
    await untrusted.stop();
  });

  it('a server that asks for a certificate of the workstation, where there is none, is told as that', async () => {
    await signInFails(server.url, 'client-certificate');
  });

  it('shows the one certificate that fits, and works as with any other server', async () => {
    store.add(hospital.client('workstation'));
    // Of another authority: it never fits.
    store.add(stranger.client('private'));
    const { app, page } = await start(server.url);
    try {
      await enrol(page);
      await synced(page);
      expect(app.windows()).toHaveLength(1);
    } finally {
      await app.close();
    }
  });

  it('security: shows it to no other origin, though the server leads there', async () => {
    const shown: boolean[] = [];
    const { key, cert } = hospital.server();
    const tls = { key, cert, ca: hospital.ca, requestCert: true, rejectUnauthorized: false };
    const elsewhere = createServer(tls, (request, response) => {
      shown.push('subject' in (request.socket as import('node:tls').TLSSocket).getPeerCertificate());
      response.end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const place = `https://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    const leading = createServer(tls, (_request, response) => response.writeHead(302, { location: place }).end());
    await new Promise<void>((resolve) => leading.listen(0, '127.0.0.1', resolve));
    await signInFails(`https://127.0.0.1:${(leading.address() as AddressInfo).port}/fhir`, 'server-unreachable');
    expect(shown.filter(Boolean)).toEqual([]);
    for (const one of [elsewhere, leading]) {
      one.closeAllConnections();
      one.close();
    }
  });

  it('asks where more than one fits, and takes "none" for an answer', async () => {
    store.add(hospital.client('second'));
    const { app, page } = await start(server.url);
    try {
      await inMain(app, ({ dialog }) => {
        const asked: string[][] = [];
        Object.assign(dialog, {
          async showMessageBox(_window: unknown, { buttons }: { buttons: string[] }) {
            asked.push(buttons);
            const at = buttons.findIndex((name) => name.startsWith(asked.length === 1 ? 'None' : 'second'));
            return { response: at };
          },
        });
        Reflect.set(globalThis, 'asked', asked);
      });
      await page.getByTestId('signin-submit').click();
      await page.locator('[data-code="client-certificate"]').waitFor();
      await enrol(page);
      await synced(page);
      const asked = (await inMain(app, () => Reflect.get(globalThis, 'asked'))) as string[][];
      expect(asked).toHaveLength(2);
      expect(asked[0]?.map((name) => name.split(' ')[0]).sort()).toEqual(['None', 'second', 'workstation']);
    } finally {
      await app.close();
    }
  });
});

describe.runIf(process.platform === 'linux')('a hospital with a proxy', () => {
  let hospital: Authority;
  let server: DevServer;
  beforeAll(async () => {
    hospital = createAuthority('Proxied CA');
    createCertificateStore().trust('proxied', hospital.caFile);
    server = await startServer({ ...PATIENTS, tls: hospital.server() });
  });
  afterAll(() => server.stop());
  const start = (address: string, args: string[]) =>
    startApp({ userData: newUserData(), server: address, env: { NODE_EXTRA_CA_CERTS: hospital.caFile }, args });

  it('goes through the proxy with everything, and to nobody but the hospital’s server', async () => {
    const proxy = await startProxy();
    const { app, page } = await start(server.url, throughProxy(proxy.address));
    await enrol(page);
    await synced(page);
    await app.close();
    expect([...new Set(proxy.tunnels)]).toEqual([`127.0.0.1:${server.port}`]);
    proxy.stop();
  });

  it('heeds a proxy script', async () => {
    const proxy = await startProxy();
    const script = await startProxyScript(proxy.address);
    const { app, page } = await start('https://fhir.hospital.test/fhir', [`--proxy-pac-url=${script.url}`]);
    await page.getByTestId('signin-submit').click();
    await page.locator('[data-code]').waitFor();
    await app.close();
    expect([...new Set(proxy.tunnels)]).toEqual(['fhir.hospital.test:443']);
    proxy.stop();
    script.stop();
  });

  it('says so where the proxy wants a sign-in that the operating system does not give', async () => {
    const proxy = await startProxy({ needsSignIn: true });
    const { app, page } = await start(server.url, throughProxy(proxy.address));
    await page.getByTestId('signin-submit').click();
    await page.locator('[data-code="proxy-refused"]').waitFor();
    await app.close();
    proxy.stop();
  });
});
