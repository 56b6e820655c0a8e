import type { Result } from '../../preload/contract/channel.ts';
import type { KeyringError } from '../../preload/contract/session.ts';

/** Secrets in the OS keychain. `null` means that the keychain answered and has no such entry. */
export interface KeyStore {
  get(account: string): Promise<Result<string | null, KeyringError>>;
  /** Answers ok only after the secret was read back. */
  set(account: string, secret: string): Promise<Result<void, KeyringError>>;
  delete(account: string): Promise<Result<void, KeyringError>>;
}

/** The part of keytar that is used. */
export interface Keytar {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

export type KeyringState = 'unlocked' | 'locked' | 'absent';

export interface KeyStoreOptions {
  keytar: Keytar;
  service: string;
  /** Asked before each access, since keytar on Linux takes a locked keyring for a missing entry. */
  keyringState: () => Promise<KeyringState>;
  timeoutMs: number;
}

function failure(code: KeyringError): Result<never, KeyringError> {
  return { ok: false, error: { code } };
}

/** Names what a keychain's message means; keytar gives no codes. Locked first: macOS calls it "interaction not allowed". */
function codeOf(error: unknown): KeyringError {
  const message = error instanceof Error ? error.message : '';
  if (/timed out/i.test(message)) return 'keyring-timeout';
  if (/locked|-25308|interaction is not allowed/i.test(message)) return 'keyring-locked';
  if (/denied|cancel|not allowed|not correct|-128|-25293|dismissed/i.test(message)) return 'keyring-denied';
  if (/D-Bus|DISPLAY|no such secret|not provided|ServiceUnknown|default keychain|-25307/i.test(message)) {
    return 'keyring-absent';
  }
  return 'keyring-failed';
}

async function withTimeout<Value>(work: Promise<Value>, ms: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The OS keychain through keytar: Keychain on macOS, Credential Manager on Windows, Secret Service on Linux.
 * Every outcome has its name; none falls back to another place.
 */
export function createKeyStore({ keytar, service, keyringState, timeoutMs }: KeyStoreOptions): KeyStore {
  async function closed(): Promise<Result<never, KeyringError> | null> {
    const state = await withTimeout(keyringState(), timeoutMs);
    if (state === 'unlocked') return null;
    return failure(state === 'locked' ? 'keyring-locked' : 'keyring-absent');
  }

  async function ask<Value>(work: () => Promise<Result<Value, KeyringError>>): Promise<Result<Value, KeyringError>> {
    try {
      const answer = (await closed()) ?? (await withTimeout(work(), timeoutMs));
      // It may have been locked in between.
      return answer.ok && answer.value === null ? ((await closed()) ?? answer) : answer;
    } catch (error) {
      return failure(codeOf(error));
    }
  }

  return {
    get: (account) => ask(async () => ({ ok: true, value: await keytar.getPassword(service, account) })),
    set: (account, secret) =>
      ask<void>(async () => {
        await keytar.setPassword(service, account, secret);
        const stored = await keytar.getPassword(service, account);
        return stored === secret ? { ok: true, value: undefined } : failure('keyring-failed');
      }),
    delete: (account) =>
      ask(async () => {
        await keytar.deletePassword(service, account);
        return { ok: true, value: undefined };
      }),
  };
}
