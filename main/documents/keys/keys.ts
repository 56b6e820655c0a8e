import { no } from '../errors.ts';
import type { ExpectedField } from '../fields/context.ts';
import type { FieldError, OpenedText, Share } from '../fields/jwe.ts';
import type { Answer, Recipient, WrappedKey } from '../types.ts';
import { createOwnKeys, type Own } from './own.ts';
import { type NamedField, pseudonymOf } from './pseudonym.ts';
import { knownRevocations, type PinnedKeys, pinnedKeys, recipientsOf, usable } from './recipients.ts';
import { refreshDirectory, refreshRevocations } from './refresh.ts';
import { createKeyService, type ServiceError } from './service.ts';
import type { DocumentKeysOptions, Exposure, KeysProblem, OwnKey, RefreshError } from './types.ts';

/**
 * The keys of this workstation, and whom files and fields are encrypted for. A public key is a recipient only where policy
 * pins it, or where the organisation's signing key, which policy pins, has signed it and not revoked it: what the FHIR
 * server or the network says is never enough.
 */
export interface DocumentKeys {
  /**
   * Does what is due: makes this device's pair, has it certified (anew before it runs out), publishes the certificate,
   * takes the newest revocations, and reads the certificates of the care teams. Cheap where nothing is due. Nobody waits
   * for it: what fails is tried at the next call. To be called after a run of sync.
   */
  refresh(signal?: AbortSignal): Promise<Answer<null, KeysProblem | RefreshError>>;
  /** Whether files can be encrypted; answered by the cache alone. */
  ready(): Promise<Answer<OwnKey, KeysProblem>>;
  /** For whom a file of a patient is encrypted: the organisation, its care team's devices, and this one. */
  recipientsFor(patientId: string): Promise<Answer<readonly Recipient[], KeysProblem>>;
  /** HMAC under the organisation's context key. `value`: `Patient/<id>`, `Practitioner/<id>`, … */
  pseudonym(field: NamedField, value: string): Promise<Answer<string, KeysProblem>>;
  /** Of this device's keys, the one in force first; the older ones open what was encrypted before. */
  thumbprints(): Promise<readonly string[]>;
  /** Its private keys, in the same order, sealed for the documents process. */
  sealedKeys(): Promise<readonly Uint8Array[]>;
  /** Opens the JWE of a field by one of them. `granted`: what the key service has wrapped for one. */
  openField(
    jwe: string,
    expected: ExpectedField & { readonly path: string },
    granted?: readonly Share[],
  ): Promise<Answer<OpenedText, FieldError>>;
  /**
   * Has the key service wrap a message's data key for this device. `header`: base64. `emergency`: the clinician has
   * declared one for the patient; what that opens is for the service to decide, and to record.
   */
  rewrap(header: string, options?: RewrapOptions): Promise<Answer<WrappedKey, KeysProblem | ServiceError>>;
  /** The same for a field. `jwe`: as it is sealed. */
  rewrapField(jwe: string, options?: RewrapOptions): Promise<Answer<Share, KeysProblem | ServiceError>>;
  /** A new pair for this device, certified and published; the older one stays for reading. */
  rotate(signal?: AbortSignal): Promise<Answer<OwnKey, KeysProblem | RefreshError>>;
  /** Documents and sealed fields of the FHIR server that a key could ever open: what is to be told when a device was lost. */
  exposure(thumbprint: string, signal?: AbortSignal): Promise<Answer<Exposure, RefreshError>>;
}

export interface RewrapOptions {
  readonly emergency?: boolean;
  readonly signal?: AbortSignal;
}

const DIRECTORY_EVERY_MS = 15 * 60_000;

/** Makes the keys of whoever has unlocked. */
export function createDocumentKeys(options: DocumentKeysOptions): DocumentKeys {
  const pinned = pinnedKeys(options.policy);
  return pinned ? create(options, pinned) : refusing;
}

function create(options: DocumentKeysOptions, pinned: PinnedKeys): DocumentKeys {
  const { cache, fhir, policy, fetch, accessToken, process, now } = options;
  const service = createKeyService({ base: policy.keyService, fetch, accessToken });
  const parts = { ...options, service, pinned };
  const own = createOwnKeys(parts);
  let directory = { names: '', at: Number.NEGATIVE_INFINITY };
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other: two at once would make two pairs. */
  function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  }

  async function readDirectory(signal?: AbortSignal): Promise<Answer<null, RefreshError>> {
    const at = new Date(now()).toISOString();
    const practitioners = await cache.read.careTeamPractitioners({ patientId: null, at });
    const names = practitioners.join();
    if (names === directory.names && now() - directory.at < DIRECTORY_EVERY_MS) return done;
    const read = await refreshDirectory(parts, practitioners, signal);
    if (read.ok) directory = { names, at: now() };
    return read;
  }

  async function refresh(signal?: AbortSignal): Promise<Answer<null, KeysProblem | RefreshError>> {
    const revocations = await refreshRevocations(parts, signal);
    const ensured = await own.ensure(signal);
    const read = await readDirectory(signal);
    return [ensured, revocations, read].find(({ ok }) => !ok) ?? done;
  }

  async function ready(): Promise<Answer<OwnKey, KeysProblem>> {
    const current = await own.current();
    return current.ok ? { ok: true, value: ownKey(current.value) } : current;
  }

  return {
    refresh: (signal) => inTurn(() => refresh(signal)),
    ready,
    async recipientsFor(patientId) {
      const current = await own.current();
      if (!current.ok) return current;
      const practitioners = await cache.read.careTeamPractitioners({ patientId, at: new Date(now()).toISOString() });
      const certificates = await cache.read.certificates({ practitioners });
      const revocations = await knownRevocations(cache, pinned, now());
      const texts = certificates.map(({ certificate }) => certificate);
      const team = usable(texts, pinned, revocations, now()).filter((one) => practitioners.includes(one.practitioner));
      return { ok: true, value: recipientsOf({ pinned, kms: policy.kms, own: current.value, team }) };
    },
    async pseudonym(field, value) {
      const contextKey = await own.contextKey();
      return contextKey ? { ok: true, value: pseudonymOf(contextKey, field, value) } : no('keys-not-ready');
    },
    thumbprints: async () => (await cache.read.deviceKeys()).map(({ thumbprint }) => thumbprint),
    sealedKeys: own.sealed,
    openField: async (jwe, expected, granted = []) =>
      process.openFieldText({ jwe, keys: await own.sealed(), expected, granted }),
    async rewrap(header, { emergency = false, signal } = {}) {
      const current = await own.current();
      if (!current.ok) return current;
      const { certificate, thumbprint } = current.value;
      const answer = await service.rewrap({ header, certificate, emergency }, signal);
      if (!answer.ok) return answer;
      const { wrapped } = answer.value;
      return wrapped.info === thumbprint ? { ok: true, value: wrapped } : no('key-service-answer-invalid');
    },
    async rewrapField(jwe, { emergency = false, signal } = {}) {
      const current = await own.current();
      if (!current.ok) return current;
      const { certificate, thumbprint } = current.value;
      const answer = await service.rewrapField({ jwe, certificate, emergency }, signal);
      if (!answer.ok) return answer;
      const { kid, encrypted_key: encryptedKey } = answer.value;
      return kid === thumbprint ? { ok: true, value: { kid, encryptedKey } } : no('key-service-answer-invalid');
    },
    rotate: (signal) =>
      inTurn(async () => {
        await own.replace();
        const ensured = await own.ensure(signal);
        return ensured.ok ? ready() : ensured;
      }),
    async exposure(thumbprint, signal) {
      // It takes messages apart, which nothing else here does.
      const { exposureOf } = await import('./exposure.ts');
      const types = [...new Set(policy.fields.map(({ type }) => type))];
      return exposureOf(fhir, thumbprint, { types, signal });
    },
  };
}

const done = { ok: true, value: null } as const;

function ownKey({ thumbprint, expiresAt }: Own): OwnKey {
  return { thumbprint, expires: new Date(expiresAt).toISOString() };
}

/** Where policy pins what can't be used, nothing is encrypted for anybody. */
const refuse = async () => no('policy-key-invalid');
const refusing: DocumentKeys = {
  refresh: refuse,
  ready: refuse,
  recipientsFor: refuse,
  pseudonym: refuse,
  thumbprints: async () => [],
  sealedKeys: async () => [],
  openField: async () => no('field-not-recipient'),
  rewrap: refuse,
  rewrapField: refuse,
  rotate: refuse,
  exposure: async () => no('directory-unreachable'),
};
