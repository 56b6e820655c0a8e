import type { DeviceKey } from '../../cache/operations.ts';
import { no } from '../errors.ts';
import type { Answer } from '../types.ts';
import { type Certificate, readCertificate } from './certificates.ts';
import { certify } from './device.ts';
import { type DirectoryError, publish } from './directory.ts';
import { readJwk } from './public-keys.ts';
import { knownRevocations, type PinnedKeys } from './recipients.ts';
import type { KeyService, ServiceError } from './service.ts';
import type { DocumentKeysOptions, KeysProblem } from './types.ts';

/** This device's own pairs, and the organisation's context key. */
export interface OwnKeys {
  /** The newest pair that is certified. */
  current(): Promise<Answer<Own, KeysProblem>>;
  /** Bytes of the context key; null before it was handed out. */
  contextKey(): Promise<Buffer | null>;
  /** The private keys, the newest first, sealed for the documents process. */
  sealed(): Promise<Uint8Array[]>;
  /** Makes, certifies and publishes what is due. */
  ensure(signal?: AbortSignal): Promise<Answer<null, KeysProblem | ServiceError | DirectoryError>>;
  /** A new pair, unless the newest waits to be certified. The one before stays in force until then. */
  replace(): Promise<void>;
}

export interface Own extends Certificate {
  /** The certificate as it was signed. */
  readonly certificate: string;
}

type Options = Pick<DocumentKeysOptions, 'cache' | 'fhir' | 'practitioner' | 'workstation' | 'now' | 'process'> & {
  readonly service: KeyService;
  readonly pinned: PinnedKeys;
};

/** Where the cache keeps the context key, base64url. */
const CONTEXT_KEY = 'documents.contextKey';
/** Reason by which the organisation has a pair replaced that isn't lost. */
const SUPERSEDED = 'superseded';
const DAY_MS = 24 * 60 * 60_000;
/** A certificate is renewed so long before it runs out: somebody may be away. */
const RENEW_MS = 30 * DAY_MS;

export function createOwnKeys(options: Options): OwnKeys {
  const { cache, fhir, service, pinned, practitioner, workstation, now, process } = options;

  async function contextKey(): Promise<Buffer | null> {
    const kept = await cache.read.getMeta({ key: CONTEXT_KEY });
    return kept ? Buffer.from(kept, 'base64url') : null;
  }

  /** The pair as it can be used now; null where its certificate is missing, has run out, or is for another. */
  function certified({ certificate, thumbprint }: Pick<DeviceKey, 'certificate' | 'thumbprint'>): Own | null {
    const read = certificate === null ? null : readCertificate(certificate, pinned.signingKeys, now());
    if (certificate === null || !read?.ok) return null;
    const { value } = read;
    return value.thumbprint === thumbprint && value.practitioner === practitioner ? { ...value, certificate } : null;
  }

  async function current(): Promise<Answer<Own, KeysProblem>> {
    const revoked = (await knownRevocations(cache, pinned, now()))?.revoked;
    for (const key of await cache.read.deviceKeys()) {
      // An older one is no way around: the device is lost, or was.
      if (revoked?.has(key.thumbprint)) return no('key-revoked');
      const own = certified(key);
      if (own) return (await contextKey()) ? { ok: true, value: own } : no('keys-not-ready');
    }
    return no('keys-not-ready');
  }

  async function add(): Promise<void> {
    const pair = await process.newPair({ to: await cache.write.handoverKey() });
    await cache.write.addDeviceKey({ ...pair, madeAt: new Date(now()).toISOString() });
  }

  async function sealedKeys() {
    return cache.read.sealedDeviceKeys({ to: await process.handoverKey() });
  }

  /** Opens what was encrypted for one of the pairs. */
  async function openSecret(thumbprint: string, jwe: string, typ: string): Promise<Uint8Array | null> {
    const key = (await sealedKeys()).find((one) => one.thumbprint === thumbprint);
    return key ? process.openSecret({ key: key.sealed, jwe, typ }) : null;
  }

  async function renew({ jwk, thumbprint }: DeviceKey, signal?: AbortSignal) {
    const device = await workstation();
    const open = (jwe: string, typ: string) => openSecret(thumbprint, jwe, typ);
    const answer = await certify(service, { jwk, open, device, practitioner }, pinned.signingKeys, signal);
    if (!answer.ok) return answer;
    const { certificate, contextKey: fresh } = answer.value;
    if (!certified({ certificate, thumbprint }) || !readJwk(jwk)) {
      return no('key-service-answer-invalid');
    }
    await cache.write.setMeta({ key: CONTEXT_KEY, value: fresh.toString('base64url') });
    await cache.write.certifyDeviceKey({ thumbprint, certificate, published: false });
    return { ok: true, value: null } as const;
  }

  /** Not more than once a day: policy names a new key before the service signs by it. */
  function isDue({ rank, issuedAt, expiresAt }: Own): boolean {
    return (rank > 0 || expiresAt - now() < RENEW_MS) && now() - issuedAt > DAY_MS;
  }

  async function newest(): Promise<DeviceKey> {
    const [first] = await cache.read.deviceKeys();
    if (first) return first;
    await add();
    return newest();
  }

  return {
    current,
    contextKey,
    sealed: async () => (await sealedKeys()).map(({ sealed }) => sealed),
    async replace() {
      const [first] = await cache.read.deviceKeys();
      if (!first || first.certificate !== null) await add();
    },
    async ensure(signal) {
      let key = await newest();
      const revoked = (await knownRevocations(cache, pinned, now()))?.revoked;
      if (revoked?.get(key.thumbprint)?.reason === SUPERSEDED) {
        await add();
        key = await newest();
      }
      if (revoked?.has(key.thumbprint)) return no('key-revoked');
      const own = certified(key);
      if (!own || isDue(own) || !(await contextKey())) {
        const renewed = await renew(key, signal);
        if (!renewed.ok) return renewed;
      }
      const { thumbprint, certificate, published } = await newest();
      if (published || certificate === null) return { ok: true, value: null };
      const told = await publish(fhir, { certificate, thumbprint, practitioner }, signal);
      if (told.ok) await cache.write.certifyDeviceKey({ thumbprint, certificate, published: true });
      return told;
    },
  };
}
