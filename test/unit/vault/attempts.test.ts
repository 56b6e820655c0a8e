import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Vault } from '../../../main/vault/vault.ts';
import { handClock, memoryKeyStore, temporaryFolder, vaultWith } from './support.ts';

const passphrase = 'correct horse battery';
const WAITS_S = [0, 0, 5, 15, 30, 60, 120, 300, 600];

async function enrolled(maxAttempts = 10) {
  const id = randomUUID();
  const profile = { id, folder: join(temporaryFolder(), id) };
  const keyStore = memoryKeyStore();
  const clock = handClock();
  /** The program as it is after a start: what it had in memory is gone. */
  const restarted = (): Vault => vaultWith(keyStore, { policy: { maxAttempts }, monotonic: clock.now });
  const made = await restarted().enrol(profile, passphrase);
  if (!made.ok) throw new Error(made.error.code);
  const counter = `${id}/attempts`;
  return { profile, keyStore, clock, vault: restarted(), restarted, secret: `${id}/device-secret`, counter };
}

const code = (answer: { ok: boolean; error?: { code: string } }) => (answer.ok ? 'ok' : answer.error?.code);

describe('wrong passphrases', () => {
  it('make the next try wait, longer and longer, until the keys are destroyed', async () => {
    const { vault, profile, clock, keyStore, secret } = await enrolled();
    const waits: number[] = [];
    for (let count = 1; count < 10; count += 1) {
      expect(code(await vault.unlock(profile, 'wrong'))).toBe('passphrase-wrong');
      const told = await vault.attempts(profile);
      if (!told.ok) throw new Error(told.error.code);
      const { left, waitMs } = told.value;
      expect(left).toBe(count >= 7 ? 10 - count : null);
      waits.push(waitMs / 1_000);
      if (waitMs > 0) {
        clock.pass(waitMs - 1);
        expect(code(await vault.unlock(profile, passphrase))).toBe('unlock-delayed');
        clock.pass(1);
      }
    }
    expect(waits).toEqual(WAITS_S);
    expect(keyStore.entries.has(secret)).toBe(true);
    expect(code(await vault.unlock(profile, 'wrong'))).toBe('keys-destroyed');
    expect(keyStore.entries.has(secret)).toBe(false);
    expect(code(await vault.unlock(profile, passphrase))).toBe('keys-destroyed');
    expect(code(await vault.attempts(profile))).toBe('keys-destroyed');
  });

  it('are forgotten with the right one', async () => {
    const { vault, profile } = await enrolled(3);
    for (let round = 0; round < 3; round += 1) {
      for (const typed of ['wrong', 'wrong']) expect(code(await vault.unlock(profile, typed))).toBe('passphrase-wrong');
      expect(code(await vault.unlock(profile, passphrase))).toBe('ok');
    }
  });

  it('count the same where a passphrase is asked for again, or changed', async () => {
    const { vault, profile } = await enrolled(3);
    expect(code(await vault.verify(profile, passphrase))).toBe('ok');
    expect(code(await vault.verify(profile, 'wrong'))).toBe('passphrase-wrong');
    expect(code(await vault.changePassphrase(profile, 'wrong', 'another'))).toBe('passphrase-wrong');
    expect(code(await vault.verify(profile, 'wrong'))).toBe('keys-destroyed');
  });

  it('leave one more try where policy has lowered the number below what was counted', async () => {
    const { keyStore, counter, restarted, profile } = await enrolled(5);
    keyStore.entries.set(counter, JSON.stringify({ failed: 8, final: false, destroyed: false }));
    const vault = restarted();
    expect(await vault.attempts(profile)).toMatchObject({ ok: true, value: { left: 1 } });
  });
});

describe('security: the count of wrong passphrases', () => {
  it('security: is in the keychain before the passphrase is tried, so that a program that is killed gives no free try', async () => {
    const { vault, profile, keyStore, counter, clock } = await enrolled();
    const { set } = keyStore;
    const seen: string[] = [];
    keyStore.set = async (account, value) => {
      seen.push(value);
      return set(account, value);
    };
    await vault.unlock(profile, 'wrong');
    expect(JSON.parse(seen[0]!)).toMatchObject({ failed: 1 });
    // The answer waits for the count: a keychain that doesn't take it gives no answer, not even to the right one.
    clock.pass(1_000_000);
    keyStore.set = async () => ({ ok: false, error: { code: 'keyring-locked' } });
    expect(code(await vault.unlock(profile, passphrase))).toBe('keyring-locked');
    expect(code(await vault.unlock(profile, 'wrong'))).toBe('keyring-locked');
    expect(JSON.parse(keyStore.entries.get(counter)!)).toMatchObject({ failed: 1 });
  });

  it('security: neither the count nor the wait ends with a restart of the program', async () => {
    const { profile, clock, restarted } = await enrolled();
    for (let count = 0; count < 3; count += 1) await restarted().unlock(profile, 'wrong');
    clock.pass(4_000);
    const vault = restarted();
    expect(await vault.attempts(profile)).toEqual({ ok: true, value: { left: null, waitMs: 5_000 } });
    expect(code(await vault.unlock(profile, passphrase))).toBe('unlock-delayed');
    clock.pass(5_000);
    expect(code(await vault.unlock(profile, passphrase))).toBe('ok');
  });

  it('security: no try is left where the program was killed at the last one', async () => {
    const { profile, keyStore, counter, restarted, secret } = await enrolled(3);
    keyStore.entries.set(counter, JSON.stringify({ failed: 3, final: true, destroyed: false }));
    expect(code(await restarted().unlock(profile, passphrase))).toBe('keys-destroyed');
    expect(keyStore.entries.has(secret)).toBe(false);
  });

  it('security: a destruction that was cut off is finished', async () => {
    const { profile, keyStore, counter, restarted, secret } = await enrolled();
    keyStore.entries.set(counter, JSON.stringify({ failed: 0, final: false, destroyed: true }));
    expect(code(await restarted().attempts(profile))).toBe('keys-destroyed');
    expect(keyStore.entries.has(secret)).toBe(false);
  });

  it.each([null, '', '{}', 'nonsense', '{"failed":-1,"final":false,"destroyed":false}'])(
    'security: a count that was taken away or changed (%j) leaves one try',
    async (value) => {
      const { profile, keyStore, counter, restarted } = await enrolled();
      if (value === null) keyStore.entries.delete(counter);
      else keyStore.entries.set(counter, value);
      const vault = restarted();
      const told = await vault.attempts(profile);
      expect(told).toMatchObject({ ok: true, value: { left: 1 } });
    },
  );

  it('security: no order of tries, restarts and passing time allows more than policy does', async () => {
    const step = fc.oneof(fc.constant('restart' as const), fc.integer({ min: 0, max: 700_000 }));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { profile, clock, restarted, keyStore, secret } = await enrolled(3);
        let vault = restarted();
        let tried = 0;
        for (const one of steps) {
          if (one === 'restart') vault = restarted();
          else clock.pass(one);
          const answer = code(await vault.unlock(profile, 'wrong'));
          if (answer === 'passphrase-wrong') tried += 1;
        }
        expect(tried).toBeLessThanOrEqual(2);
        if (steps.length >= 3 && tried === 2) expect(keyStore.entries.has(secret)).toBe(false);
      }),
      { numRuns: 8 },
    );
  });
});
