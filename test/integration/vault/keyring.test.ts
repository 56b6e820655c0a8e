import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type DesktopOptions, runInDesktop } from '../../support/desktop.ts';

const child = join(import.meta.dirname, 'keyring-child.ts');

/** What the scenario answered in a desktop of its own, with a real GNOME Keyring over a private D-Bus. */
async function inDesktop(scenario: string, keyring: NonNullable<DesktopOptions['keyring']>): Promise<unknown> {
  const run = runInDesktop('node', [child, scenario], { keyring, stdio: 'pipe' });
  const [out, err] = await Promise.all([text(run.stdout!), text(run.stderr!), once(run, 'exit')]);
  const last = out.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`the scenario ended without an answer: ${err}`);
  return JSON.parse(last);
}

const locked = { ok: false, error: { code: 'keyring-locked' } };
const absent = { ok: false, error: { code: 'keyring-absent' } };

describe.runIf(process.platform === 'linux')('the system’s keychain on Linux', () => {
  it('keeps, gives back, replaces and deletes an entry of an unlocked keyring', async () => {
    expect(await inDesktop('roundTrip', 'unlocked')).toEqual({
      before: { ok: true, value: null },
      set: { ok: true },
      kept: { ok: true, value: 'sëcret ✓' },
      other: { ok: true, value: null },
      replaced: [{ ok: true }, { ok: true, value: 'second' }],
      deleted: { ok: true },
      after: { ok: true, value: null },
    });
  });

  it('is asked much at once over one connection, which GNOME Keyring outlives', async () => {
    expect(await inDesktop('manyAtOnce', 'unlocked')).toEqual({ kept: 480, sameKeyring: true, more: 0 });
  });

  it('security: an entry of a keyring that is locked reads as locked, never as missing', async () => {
    expect(await inDesktop('lockedWithEntry', 'unlocked')).toEqual({ set: { ok: true }, get: locked, again: locked });
  });

  it('security: a keyring that nobody has unlocked is locked to reading and to writing', async () => {
    expect(await inDesktop('ask', 'locked')).toEqual({ get: locked, set: locked });
  });

  it('security: without a Secret Service there is no keychain, and no other place is used', async () => {
    expect(await inDesktop('ask', 'none')).toEqual({ get: absent, set: absent });
  });
});
