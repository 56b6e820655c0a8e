import { createKeyStore, type KeyringState, type KeyStore } from './key-store.ts';
import { createSecretService, type SecretService } from './secret-service.ts';

const SERVICE = 'org.wardlight.app';
/** Long enough for a person to answer the keychain's own question. */
const TIMEOUT_MS = 30_000;

let secretService: Promise<SecretService> | undefined;

async function loadSecretService(): Promise<SecretService> {
  const { sessionBus } = await import('dbus-native');
  return createSecretService(() => sessionBus());
}

const isOverBus = process.platform === 'linux';

async function keyringState(): Promise<KeyringState> {
  if (!isOverBus) return 'unlocked';
  secretService ??= loadSecretService();
  return (await secretService).state();
}

/** The keychain of this operating system. */
export function createSystemKeyStore(): KeyStore {
  const keytar = () => import('keytar');
  return createKeyStore({
    keytar: {
      getPassword: async (...args) => (await keytar()).default.getPassword(...args),
      setPassword: async (...args) => (await keytar()).default.setPassword(...args),
      deletePassword: async (...args) => (await keytar()).default.deletePassword(...args),
    },
    service: SERVICE,
    keyringState,
    timeoutMs: TIMEOUT_MS,
  });
}
