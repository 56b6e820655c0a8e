import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type { Bundle } from 'fhir/r4';
import { afterAll, describe, expect, it } from 'vitest';
import type { DevUser } from '../../server/index.ts';
import { withClient } from './client.ts';

const SERVER = new URL('../../server/', import.meta.url).pathname;
const children: ChildProcess[] = [];

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

function run(script: string, args: string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [`${SERVER}${script}`, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  children.push(child);
  return child;
}

const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.on('exit', resolve));

describe('as a process', () => {
  it('prints one line when ready, serves, and ends on SIGTERM', async () => {
    const child = run('cli.ts', ['--patients', '1', '--seed', '3']);
    const line = await new Promise<string>((resolve) => createInterface(child.stdout!).once('line', resolve));
    const { url, issuer, users } = JSON.parse(line) as { url: string; issuer: string; users: DevUser[] };
    expect((await fetch(`${url}/metadata`)).status).toBe(200);
    expect(
      ((await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as { issuer: string }).issuer,
    ).toBe(issuer);
    expect(users.length).toBeGreaterThanOrEqual(2);
    child.kill('SIGTERM');
    expect(await ended(child)).toBe(0);
  });
});

describe('over the wire', () => {
  const client = withClient({ patients: 2, now: '2026-01-01T00:00:00Z' });

  it('browser-cli.ts signs in like xdg-open would', async () => {
    let called = '';
    const listener = createServer((request, response) => {
      called = request.url ?? '';
      response.end();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const redirect = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/callback`;
    const query = new URLSearchParams({
      client_id: 'wardlight',
      response_type: 'code',
      scope: 'openid',
      redirect_uri: redirect,
      state: 's1',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    });
    expect(
      await ended(
        run('browser-cli.ts', [`${client.server.issuer}/auth?${query}`], { WARDLIGHT_TEST_USER: 'lindqvist' }),
      ),
    ).toBe(0);
    listener.close();
    expect(called).toMatch(/^\/callback\?code=.+&state=s1/);
  });

  it('compresses, and answers HEAD without a body', async () => {
    const { headers, body } = await client.get<Bundle>('/Observation?_count=50', { 'accept-encoding': 'gzip' });
    expect(headers.get('content-encoding')).toBe('gzip');
    expect(body.entry).toHaveLength(50);
    expect(
      (await client.get('/Observation?_count=50', { 'accept-encoding': 'identity' })).headers.get('content-encoding'),
    ).toBeNull();
    const head = await client.send('HEAD', '/Practitioner/dev-osei');
    expect([head.status, head.text, head.headers.get('etag')]).toEqual([200, '', 'W/"1"']);
    expect(Date.parse(head.headers.get('date')!)).toBeGreaterThan(0);
  });

  it('gives the generator’s patients with their literals', async () => {
    const { text } = await client.get('/Observation?category=laboratory&_count=1000');
    expect(text).toMatch(/"value":\d+\.\d*0,/);
  });
});
