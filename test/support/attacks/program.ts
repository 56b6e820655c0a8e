import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCrashes } from '../../../main/support/crashes.ts';
import { channelNames } from '../../../preload/contract/index.ts';
import type { DevServer } from '../../server/index.ts';
import { panelOf } from '../expected.ts';
import { openChart } from '../journey.ts';
import { childPids, commandLineOf } from '../processes.ts';
import { leadingOut, OTHER_PAGES } from './addresses.ts';
import { attackBridge, bringTo, bundleAttack } from './bridge.ts';
import { POLICIES } from './policies.ts';
import { ASKING, GRANTS, LEAVING, OPENING, RUNNING, SENDING, type Way } from './ways-out.ts';
import { startWitness, type Witness } from './witness.ts';

/** A program that is open, with the records of a clinician in it; attacked from its page, watched from outside. */
export interface Attacked {
  readonly page: Page;
  /** Main's process. */
  readonly pid: number;
  /** Where its data are, for this process. */
  readonly userData: string;
  readonly server: DevServer;
}

export interface AttackSize {
  /** How often each function of the bridge is called, in each of two ways, locked and unlocked. */
  readonly calls: number;
  /** Addresses that lead out of the page's folder. */
  readonly addresses: number;
}

const PAGE = 'app://wardlight/index.html';
const MISSING = ['app://wardlight/missing.html', 'app://elsewhere/index.html', 'camera://elsewhere/camera/index.html'];
const FOREIGN = ['require', 'process', 'module', 'Buffer', 'global', 'ipcRenderer', 'electron', '__dirname'];
/** Longest that the page waits for what a person or the network would have to answer. */
const SILENT_MS = 3_000;
const SEED = Number(process.env['WARDLIGHT_SEED'] ?? 1);
/** Of many calls, each of which may derive a key. */
const FUZZ_MS = 9 * 60_000;

/** Names of the functions that the page finds on `window.wardlight`. */
function expectedBridge(): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(channelNames()).map(([feature, { calls, events }]) => [
      feature,
      [...calls, ...events.map((name) => `on${name.charAt(0).toUpperCase()}${name.slice(1)}`)].sort(),
    ]),
  );
}

/** The value of a line in what Linux tells of a process. */
function statusOf(pid: number, name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
}

/** What the network would answer to the page's own frame, whatever its policy says. */
async function answerOf(page: Page, url: string): Promise<{ status: number; headers: Record<string, string> }> {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const asked = { frameId: frameTree.frame.id, url, options: { disableCache: true, includeCredentials: false } };
  const { resource } = await session.send('Network.loadNetworkResource', asked);
  await session.detach();
  return { status: resource.httpStatusCode ?? 0, headers: (resource.headers ?? {}) as Record<string, string> };
}

/** What became of a way: `refused`, what it brought, or `silent`. Away from the debugger, for which no policy holds. */
async function tryWay(page: Page, way: Way, to: string): Promise<string> {
  const held = await page.evaluateHandle<Way[]>(`[${way}]`);
  const outcome = await page.evaluate(
    async ({ ways: [work], address, ms }) => {
      await new Promise((resolve) => setTimeout(resolve));
      try {
        const late = new Promise((resolve) => setTimeout(resolve, ms, 'silent'));
        return JSON.stringify((await Promise.race([work?.(address), late])) ?? null);
      } catch {
        return 'refused';
      }
    },
    { ways: held, address: to, ms: SILENT_MS },
  );
  await held.dispose();
  return outcome;
}

/** The tests of a program that is attacked through its page; the last of them locks it, and opens it again. */
export function attack(attacked: () => Attacked, { calls, addresses }: AttackSize): void {
  let witness: Witness;
  let script: string;
  beforeAll(async () => {
    [witness, script] = await Promise.all([startWitness(), bundleAttack()]);
  });
  afterAll(() => witness?.end());

  /** Nothing has been shown in the place of our page or beside it, nor sent to anybody. */
  async function expectUnmoved(): Promise<void> {
    const { page } = attacked();
    // What was asked of main before has been decided by then.
    for (let times = 0; times < 2; times += 1) await page.evaluate(() => window.wardlight.preferences.about({}));
    expect(await page.evaluate(() => Reflect.get(window, 'stays'))).toBe(true);
    expect(page.url()).toBe(PAGE);
    expect(page.context().pages()).toHaveLength(1);
    expect(await page.evaluate(() => Reflect.get(window, 'runs'))).toBe(0);
    expect(witness.seen()).toEqual([]);
  }

  /** Each way to each place where the page has no business. */
  async function tryAll(ways: Readonly<Record<string, Way>>): Promise<void> {
    await mark();
    for (const to of [witness.address, ...OTHER_PAGES]) {
      for (const way of Object.values(ways)) await tryWay(attacked().page, way, to);
      await expectUnmoved();
    }
  }

  const mark = () =>
    attacked().page.evaluate(() => {
      const ran = () => Object.assign(window, { runs: Reflect.get(window, 'runs') + 1 });
      Object.assign(window, { stays: true, runs: 0, ran });
    });

  it.runIf(process.platform === 'linux')('security: each renderer runs under seccomp, with nothing to gain', () => {
    const { pid } = attacked();
    const all = [pid, ...childPids(pid)];
    for (const one of all) expect(statusOf(one, 'Uid')).not.toMatch(/\b0\b/);
    const renderers = all.filter((one) => commandLineOf(one).includes('--type=renderer'));
    expect(renderers.length).toBeGreaterThan(0);
    for (const one of renderers) {
      expect(statusOf(one, 'Seccomp')).toBe('2');
      expect(statusOf(one, 'NoNewPrivs')).toBe('1');
      expect(statusOf(one, 'CapEff')).toBe('0000000000000000');
    }
    expect(all.map(commandLineOf).filter((command) => command.includes('no-sandbox'))).toEqual([]);
  });

  it('security: the page has named functions only, and nothing of Node or Electron', async () => {
    const { page } = attacked();
    const bridge = await page.evaluate(() => {
      const entries = Object.entries(window.wardlight as Record<string, Record<string, unknown>>);
      return entries.map(([feature, members]) => [
        feature,
        Object.keys(members).sort(),
        Object.values(members).every((member) => typeof member === 'function'),
      ]);
    });
    expect(bridge).toEqual(Object.entries(expectedBridge()).map(([feature, names]) => [feature, names, true]));
    expect(await page.evaluate((names) => names.filter((name) => name in window), FOREIGN)).toEqual([]);
  });

  it('security: the world of the preload script has nothing to be taken out of it', async () => {
    const { page } = attacked();
    const session = await page.context().newCDPSession(page);
    const worlds: { id: number; name: string }[] = [];
    session.on('Runtime.executionContextCreated', ({ context }) => worlds.push(context));
    await session.send('Runtime.enable');
    expect(worlds.map(({ name }) => name)).toContain('Electron Isolated Context');
    for (const { id } of worlds) {
      const expression = `${JSON.stringify(FOREIGN)}.filter((name) => name in globalThis)`;
      const { result } = await session.send('Runtime.evaluate', { expression, contextId: id, returnByValue: true });
      expect(result.value).toEqual([]);
    }
    await session.detach();
  });

  it('security: each page comes with its policy, to the letter, and so does what doesn’t exist', async () => {
    const { page } = attacked();
    const missing = Object.fromEntries(MISSING.map((url) => [url, POLICIES[PAGE]] as const));
    for (const [url, policy] of Object.entries({ ...POLICIES, ...missing })) {
      const { status, headers } = await answerOf(page, url);
      expect([url, status]).toEqual([url, url in POLICIES ? 200 : 404]);
      expect(headers['Content-Security-Policy']).toBe(policy.join('; '));
      expect(headers['X-Content-Type-Options']).toBe('nosniff');
      expect(headers['Cross-Origin-Opener-Policy']).toBe('same-origin');
    }
  });

  it('security: nothing outside the page’s folder is served, however it is asked for', async () => {
    const { page } = attacked();
    const served: string[] = [];
    for (const url of leadingOut(SEED, addresses)) {
      const { status } = await answerOf(page, url);
      if (status !== 404) served.push(`${status} ${url}`);
    }
    expect(served).toEqual([]);
  });

  it('security: no other page takes the place of ours', async () => {
    await tryAll(LEAVING);
  });

  it('security: a page that has emptied itself is shown anew', async () => {
    const { page } = attacked();
    // Chromium asks nobody before that.
    await page.evaluate(() => {
      location.href = 'about:blank';
    });
    await page.getByTestId('frame').waitFor();
    expect(page.url()).toBe(PAGE);
  });

  it('security: nothing opens beside our page or within it', async () => {
    await tryAll(OPENING);
  });

  it('security: the page tells nobody outside', async () => {
    const { page } = attacked();
    await fetch(witness.address).catch(() => undefined);
    expect(witness.seen()).toEqual(['tcp']);
    await mark();
    for (const way of Object.values(SENDING)) await tryWay(page, way, witness.address);
    // Not a function: it would be rewritten on its way here.
    await page.evaluate(`import(${JSON.stringify(witness.address)}).catch(() => null)`);
    await expectUnmoved();
  });

  it('security: no text becomes a script', async () => {
    const { page } = attacked();
    await mark();
    for (const [name, way] of Object.entries(RUNNING)) {
      expect([name, await tryWay(page, way, '')]).toEqual([name, 'refused']);
    }
    await expectUnmoved();
  });

  it('security: no permission and no device is granted, nor said to be', async () => {
    const { page } = attacked();
    for (const [name, way] of Object.entries(ASKING)) {
      expect(['refused', '"denied"', 'false', '[]'], name).toContain(await tryWay(page, way, ''));
    }
    const taken = await page.evaluate(() => [document.fullscreenElement, document.pointerLockElement]);
    expect(taken).toEqual([null, null]);
    const states = await page.evaluate(
      (names) =>
        Promise.all(
          names.map(async (name) => {
            const query = navigator.permissions.query({ name: name as PermissionName });
            return query.then(({ state }) => state).catch(() => 'unknown');
          }),
        ),
      GRANTS,
    );
    expect(states.filter((state) => state !== 'unknown' && state !== 'denied')).toEqual([]);
    expect(states.filter((state) => state === 'denied').length).toBeGreaterThan(10);
    const labels = await page.evaluate(async () =>
      (await navigator.mediaDevices.enumerateDevices()).map((one) => one.label),
    );
    expect(labels.filter((label) => label !== '')).toEqual([]);
  });

  it('security: no frame has the bridge, and none is listened to', async () => {
    const { page } = attacked();
    await page.evaluate(
      (urls) => {
        for (const url of urls) {
          const frame = document.createElement('iframe');
          if (url !== '') frame.src = url;
          frame.dataset['attack'] = 'frame';
          document.body.append(frame);
        }
      },
      ['', ...Object.keys(POLICIES)],
    );
    const urls = () =>
      page
        .frames()
        .slice(1)
        .map((frame) => frame.url());
    const own = ['about:blank', 'app://viewer/viewer/index.html', 'camera://photo/camera/index.html'];
    await expect.poll(urls).toEqual(expect.arrayContaining(own));
    expect(urls()).not.toContain(PAGE);
    const frames = page.frames().slice(1);
    for (const frame of frames) {
      expect(
        await frame.evaluate((names) => names.filter((name) => name in window), ['wardlight', ...FOREIGN]),
      ).toEqual([]);
      await frame.evaluate(() => {
        const message = { channel: 'wardlight:session.lock', type: 'wardlight:session.lock', args: [{}] };
        for (const to of [parent, top]) to?.postMessage(message, '*');
      });
    }
    await page.evaluate(() => {
      for (const frame of document.querySelectorAll('[data-attack]')) frame.remove();
    });
    const phase = await page.evaluate(async () => {
      const state = await window.wardlight.session.state({});
      return state.ok && state.value.phase;
    });
    expect(phase).toBe('unlocked');
  });

  it.each(['unlocked', 'locked'] as const)(
    'security: %s, each function of the bridge answers whatever it is called with by the contract',
    async (phase) => {
      const report = await attackBridge(attacked().page, { script, phase, seed: SEED, runs: calls });
      expect(report.faults).toEqual([]);
      expect(report.calls).toBe(Object.values(channelNames()).flatMap((one) => one.calls).length);
      // Those that load the page anew: what they answer goes with the page that asked.
      expect(report.cutShort.length).toBeLessThan(8);
      for (const code of phase === 'locked' ? ['ok', 'bad-request', 'locked'] : ['ok', 'bad-request', 'not-found']) {
        expect(report.outcomes[code]).toBeGreaterThan(calls);
      }
    },
    FUZZ_MS,
  );

  it('security: after all of it the same program works, and nothing of it has crashed', async () => {
    const { page, pid, userData, server } = attacked();
    await page.reload();
    await bringTo(page, 'unlocked');
    await openChart(page, panelOf(server)[0] ?? '');
    expect(commandLineOf(pid)).not.toBe('');
    // A display without a graphics card has Chromium try, and do without.
    expect(readCrashes(userData).filter((crash) => crash.process !== 'graphics')).toEqual([]);
    const log = readFileSync(join(userData, 'logs', 'main.log'), 'utf8');
    expect(log.split('\n').filter((line) => /"code":"(?:internal|bad-response)"/.test(line))).toEqual([]);
  });
}
