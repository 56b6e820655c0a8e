import { describe, expect, it } from 'vitest';
import { createLaunch, type LaunchOptions } from '../../../main/identity/launch.ts';
import { launchState } from '../../../preload/contract/launch.ts';

const ISSUER = 'https://ehr.example/fhir';
const SECRET = 'canary-launch-7f3a';
const LINK = `wardlight://launch?iss=${encodeURIComponent(ISSUER)}&launch=${SECRET}`;
const UNKNOWN = LINK.replace('ehr.example', 'evil.example');

function start(change: Partial<LaunchOptions> = {}) {
  const log: string[] = [];
  const launch = createLaunch({
    issuers: [ISSUER],
    allowLoopback: false,
    openFor: () => null,
    async signIn(server, handed) {
      log.push(`sign in ${server} ${handed}`);
      return { ok: true };
    },
    cancelSignIn: () => void log.push('cancel'),
    switchToLaunched: async () => void log.push('switch'),
    recordRefusal: async (host) => void log.push(`record ${host}`),
    onState(state) {
      launchState.parse(state);
      expect(JSON.stringify(state)).not.toContain(SECRET);
      log.push(state.phase);
    },
    ...change,
  });
  return { launch, log };
}

describe('a launch by an EHR', () => {
  it('is asked about, signs in once, and is over', async () => {
    const { launch, log } = start({ openFor: () => 'Dr A' });
    await launch.open(LINK);
    expect(launch.state()).toEqual({ phase: 'asked', host: 'ehr.example', server: ISSUER, openFor: 'Dr A' });
    await Promise.all([launch.accept(), launch.accept()]);
    expect(log).toEqual(['asked', 'signing-in', `sign in ${ISSUER} ${SECRET}`, 'none']);
    await launch.accept();
    expect(log).toHaveLength(4);
  });

  it('is refused by a listed name only, recorded before it is shown', async () => {
    const { launch, log } = start();
    await launch.open(UNKNOWN);
    expect(log).toEqual(['record evil.example', 'refused']);
    expect(launch.state()).toEqual({ phase: 'refused', code: 'launch-issuer-unknown', host: 'evil.example' });
    await launch.accept();
    expect(log).toHaveLength(2);
    launch.dismiss();
    expect(launch.state()).toEqual({ phase: 'none' });
    await launch.open('wardlight://launch?x');
    expect(launch.state()).toEqual({ phase: 'refused', code: 'launch-invalid', host: null });
  });

  it('tells how signing in failed; one that was given up is just over', async () => {
    const failing = start({ signIn: async () => ({ ok: false, error: { code: 'sign-in-denied' } }) });
    await failing.launch.open(LINK);
    await failing.launch.accept();
    expect(failing.launch.state()).toEqual({ phase: 'failed', host: 'ehr.example', code: 'sign-in-denied' });
    const cancelled = start({ signIn: async () => ({ ok: false, error: { code: 'sign-in-cancelled' } }) });
    await cancelled.launch.open(LINK);
    await cancelled.launch.accept();
    expect(cancelled.launch.state()).toEqual({ phase: 'none' });
  });

  it('asks before it switches from one clinician to another', async () => {
    const other = async () => ({ ok: false, error: { code: 'other-clinician', detail: 'Dr B' } }) as const;
    const { launch, log } = start({ openFor: () => 'Dr A', signIn: other });
    await launch.open(LINK);
    await launch.accept();
    expect(launch.state()).toMatchObject({ phase: 'other-clinician', openFor: 'Dr A', display: 'Dr B' });
    expect(log).not.toContain('switch');
    await launch.accept();
    expect(log.slice(-2)).toEqual(['none', 'switch']);
    await launch.open(LINK);
    await launch.accept();
    launch.dismiss();
    expect(log.slice(-2)).toEqual(['none', 'cancel']);
    await launch.accept();
    expect(log.at(-1)).toBe('cancel');
  });

  it('security: a link that comes while another is followed takes nothing over, and one before replaces', async () => {
    let answer: (value: { ok: true }) => void = () => undefined;
    const { launch } = start({ signIn: () => new Promise((resolve) => (answer = resolve)) });
    await launch.open(LINK);
    const following = launch.accept();
    await launch.open(UNKNOWN);
    expect(launch.state()).toMatchObject({ phase: 'signing-in', host: 'ehr.example' });
    answer({ ok: true });
    await following;
    await launch.open(LINK);
    await launch.open(UNKNOWN);
    await launch.accept();
    expect(launch.state()).toMatchObject({ phase: 'refused' });
  });
});
