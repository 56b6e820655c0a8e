import { request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLoopbackRedirect } from '../../../main/identity/loopback.ts';

async function open() {
  const loopback = await openLoopbackRedirect();
  onTestFinished(() => loopback.close());
  const { origin, port } = new URL(loopback.redirectUri);
  return { loopback, origin, port: Number(port) };
}

/** Sends bytes as they are, as no browser would, and answers the status; null where the connection fails. */
function sendRaw(port: number, target: string, host = '127.0.0.1'): Promise<number | null> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, host, () =>
      socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
    );
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('error', () => resolve(null));
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? Number.NaN) || null));
  });
}

const isPending = (promise: Promise<unknown>) =>
  Promise.race([
    promise.then(
      () => false,
      () => false,
    ),
    Promise.resolve(true),
  ]);

describe('the loopback redirect', () => {
  it('hands on what the browser came back with, and tells the person to go back', async () => {
    const { loopback, origin } = await open();
    const response = await fetch(`${origin}/callback?code=abc&state=x%20y`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    const page = await response.text();
    expect(page).toContain('Wardlight');
    // The code must not stand in a page that a person may photograph or send.
    expect(page).not.toContain('abc');
    expect((await loopback.callback).searchParams.get('state')).toBe('x y');
  });

  it('uses another port each time', async () => {
    const ports = await Promise.all([open(), open()]);
    expect(ports[0]!.port).not.toBe(ports[1]!.port);
  });

  it('security: answers 404 for every other path and method, and goes on waiting', async () => {
    const { loopback, origin, port } = await open();
    for (const path of ['/', '/favicon.ico', '/callback/', '/callback/x', '/CALLBACK', '/x?/callback', '/%63allback']) {
      expect((await fetch(`${origin}${path}?code=1`)).status).toBe(404);
    }
    expect((await fetch(`${origin}/callback?code=1`, { method: 'POST', body: 'x' })).status).toBe(404);
    expect((await fetch(`${origin}/callback?code=1`, { method: 'OPTIONS' })).status).toBe(404);
    expect(await sendRaw(port, '/../x')).toBe(404);
    expect(await isPending(loopback.callback)).toBe(true);
  });

  it('security: a request that is no URL cannot end the program', async () => {
    const { loopback, origin, port } = await open();
    for (const target of [
      '//',
      '///',
      'http://',
      'http://x:99999/callback',
      '*',
      '//:1/callback',
      'http://%/callback',
    ]) {
      expect([400, 404]).toContain(await sendRaw(port, target));
    }
    expect((await fetch(`${origin}/callback?code=1`)).status).toBe(200);
    expect((await loopback.callback).origin).toBe(origin);
  });

  it('security: listens on 127.0.0.1 only', async () => {
    const { port } = await open();
    const own = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ address, scopeid }) => address !== '127.0.0.1' && !scopeid)
      .map(({ address }) => address);
    for (const address of [...own, '127.0.0.2', '::1']) expect(await sendRaw(port, '/callback', address)).toBeNull();
    expect(await sendRaw(port, '/nothing')).toBe(404);
  });

  it('is closed at once, with whoever is connected, and then rejects', async () => {
    const { loopback, port } = await open();
    const idle = request({ port, host: '127.0.0.1', path: '/callback', method: 'POST' });
    const dropped = new Promise((resolve) => idle.on('error', resolve));
    await new Promise<void>((resolve) => {
      idle.on('socket', (socket) => socket.on('connect', () => resolve()));
      idle.write('not finished');
    });
    loopback.close();
    await expect(loopback.callback).rejects.toThrow();
    await dropped;
    expect(await sendRaw(port, '/callback')).toBeNull();
    loopback.close();
  });
});
