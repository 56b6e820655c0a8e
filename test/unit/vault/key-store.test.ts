import { describe, expect, it } from 'vitest';
import { createKeyStore, type KeyringState, type Keytar } from '../../../main/vault/key-store.ts';

const never = new Promise<never>(() => undefined);

interface Fake extends Keytar {
  readonly stored: Map<string, string>;
  readonly calls: string[];
}

function fakeKeytar(change: Partial<Keytar> = {}): Fake {
  const stored = new Map<string, string>();
  const calls: string[] = [];
  return {
    stored,
    calls,
    async getPassword(service, account) {
      calls.push(`get ${service} ${account}`);
      return stored.get(`${service} ${account}`) ?? null;
    },
    async setPassword(service, account, password) {
      calls.push(`set ${service} ${account}`);
      stored.set(`${service} ${account}`, password);
    },
    async deletePassword(service, account) {
      calls.push(`delete ${service} ${account}`);
      return stored.delete(`${service} ${account}`);
    },
    ...change,
  };
}

function storeOn(keytar: Keytar, keyringState: () => Promise<KeyringState> = async () => 'unlocked') {
  return createKeyStore({ keytar, service: 'test', keyringState, timeoutMs: 20 });
}

const rejecting = (message: string): Partial<Keytar> => {
  const reject = () => Promise.reject(new Error(message));
  return { getPassword: reject, setPassword: reject, deletePassword: reject };
};

describe('the key store', () => {
  it('keeps, gives back and deletes a secret under its service', async () => {
    const keytar = fakeKeytar();
    const store = storeOn(keytar);
    expect(await store.get('a')).toEqual({ ok: true, value: null });
    expect(await store.set('a', 'secret')).toEqual({ ok: true, value: undefined });
    expect(await store.get('a')).toEqual({ ok: true, value: 'secret' });
    expect([...keytar.stored.keys()]).toEqual(['test a']);
    expect((await store.delete('a')).ok).toBe(true);
    expect(await store.get('a')).toEqual({ ok: true, value: null });
  });

  it.each([
    // macOS: SecCopyErrorMessageString.
    ['User interaction is not allowed.', 'keyring-locked'],
    ['User canceled the operation.', 'keyring-denied'],
    ['The user name or passphrase you entered is not correct.', 'keyring-denied'],
    ['A default keychain could not be found.', 'keyring-absent'],
    // Linux: libsecret and GDBus.
    ['Cannot autolaunch D-Bus without X11 $DISPLAY', 'keyring-absent'],
    ['The name org.freedesktop.secrets was not provided by any .service files', 'keyring-absent'],
    ['Cannot create an item in a locked collection', 'keyring-locked'],
    ['The prompt was dismissed', 'keyring-denied'],
    ['Access denied', 'keyring-denied'],
    ['Timeout was reached: the call timed out', 'keyring-timeout'],
    ['something that nobody has seen yet', 'keyring-failed'],
    ['', 'keyring-failed'],
  ])('names what the keychain means by %j: %s', async (message, code) => {
    const store = storeOn(fakeKeytar(rejecting(message)));
    for (const answer of [await store.get('a'), await store.set('a', 's'), await store.delete('a')]) {
      expect(answer).toEqual({ ok: false, error: { code } });
    }
  });

  it('does not wait for a keychain that never answers', async () => {
    const silent = () => never;
    const store = storeOn(fakeKeytar({ getPassword: silent, setPassword: silent, deletePassword: silent }));
    for (const answer of await Promise.all([store.get('a'), store.set('a', 's'), store.delete('a')])) {
      expect(answer).toEqual({ ok: false, error: { code: 'keyring-timeout' } });
    }
    const deaf = storeOn(fakeKeytar(), () => never);
    expect(await deaf.get('a')).toEqual({ ok: false, error: { code: 'keyring-timeout' } });
  });

  it('has failed where the state of the keychain cannot be asked', async () => {
    const store = storeOn(fakeKeytar(), () => Promise.reject(new Error('?')));
    expect(await store.get('a')).toEqual({ ok: false, error: { code: 'keyring-failed' } });
  });

  it('has failed where something other than an error is thrown', async () => {
    const store = storeOn(fakeKeytar({ getPassword: () => Promise.reject('locked') }));
    expect(await store.get('a')).toEqual({ ok: false, error: { code: 'keyring-failed' } });
  });
});

describe('security: the key store', () => {
  it('security: a locked keychain is never read as a missing entry', async () => {
    const keytar = fakeKeytar();
    const store = storeOn(keytar, async () => 'locked');
    expect(await store.get('a')).toEqual({ ok: false, error: { code: 'keyring-locked' } });
    expect(await store.set('a', 's')).toEqual({ ok: false, error: { code: 'keyring-locked' } });
    expect(keytar.calls).toEqual([]);
  });

  it('security: a keychain that locks while it is asked is never read as a missing entry', async () => {
    let state: KeyringState = 'unlocked';
    const keytar = fakeKeytar({
      async getPassword() {
        state = 'locked';
        return null;
      },
    });
    expect(await storeOn(keytar, async () => state).get('a')).toEqual({ ok: false, error: { code: 'keyring-locked' } });
  });

  it('security: without a keychain nothing is kept anywhere else', async () => {
    const keytar = fakeKeytar();
    const store = storeOn(keytar, async () => 'absent');
    expect(await store.set('a', 's')).toEqual({ ok: false, error: { code: 'keyring-absent' } });
    expect(keytar.calls).toEqual([]);
  });

  it('security: a secret that the keychain did not keep as given is not taken for kept', async () => {
    for (const kept of [null, '', 'other', 'secre']) {
      const store = storeOn(fakeKeytar({ getPassword: async () => kept }));
      expect(await store.set('a', 'secret')).toEqual({ ok: false, error: { code: 'keyring-failed' } });
    }
  });

  it('security: no message of the keychain gets into the answer', async () => {
    const answer = await storeOn(fakeKeytar(rejecting('secret hunter2 was denied'))).get('a');
    expect(JSON.stringify(answer)).not.toContain('hunter2');
  });
});
