import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  hasKeys,
  makeOrganisation,
  type OrganisationKeys,
  openOrganisation,
} from '../../../build/keys/organisation.ts';
import type { TokenKind } from '../../../build/keys/token.ts';
import { revocationsResource } from '../../../main/documents/keys/directory.ts';
import type { DocumentsPolicy } from '../../../main/managed/documents.ts';
import type { Store } from '../store/store.ts';
import type { DevUser } from '../users.ts';
import { teamPatients } from './care-teams.ts';
import { type Decision, startKeyService } from './service.ts';

/** Keys of a development server: made in the folder where it has none. */
export interface KeysOptions {
  readonly folder: string;
  readonly pin: string;
  /** Default `nss`, whose OAEP is of SHA-256. */
  readonly token?: TokenKind;
}

export interface ServerKeys {
  /** What policy says of these keys. */
  readonly policy: Pick<DocumentsPolicy, 'organisation' | 'signingKeys' | 'keyService'>;
  /** What the service was asked, and what it said. */
  readonly decisions: readonly Decision[];
  readonly organisation: OrganisationKeys;
  /** Revokes keys, and makes that known on the FHIR server. */
  revoke(thumbprints: readonly string[], reason: string): void;
  stop(): Promise<void>;
}

interface Around {
  readonly store: Pick<Store, 'list' | 'put'>;
  readonly userOf: (token: string) => Promise<DevUser | undefined>;
  readonly clock: () => Date;
}

const LIST_ID = 'wardlight-key-revocations';

/** Starts the key service beside a FHIR server, whose tokens and care teams it goes by. */
export async function startKeysInside(options: KeysOptions, { store, userOf, clock }: Around): Promise<ServerKeys> {
  const { folder, pin, token: kind = 'nss' } = options;
  if (!hasKeys(folder)) makeOrganisation({ folder, pin, kind, issuer: 'https://keys.wardlight.example' });
  const organisation = openOrganisation({ folder, pin });
  const now = () => clock().getTime();
  const decisions: Decision[] = [];
  const publish = (list: string) => store.put({ ...revocationsResource(list), id: LIST_ID });
  const service = await startKeyService({
    keys: organisation,
    identify: async (bearer) => {
      const user = await userOf(bearer);
      return user && `Practitioner/${user.practitionerId}`;
    },
    patientsOf: (practitioner) => teamPatients(store, practitioner, clock()),
    now,
    onDecision(decision) {
      decisions.push(decision);
      appendFileSync(join(folder, 'decisions.jsonl'), `${JSON.stringify(decision)}\n`, { mode: 0o600 });
    },
    onRevoked: publish,
  });
  return {
    policy: {
      organisation: organisation.wrapping().map(({ publicKey }) => publicKey),
      signingKeys: [...organisation.signingKeys()],
      keyService: service.url,
    },
    decisions,
    organisation,
    revoke(thumbprints, reason) {
      const at = clock().toISOString();
      organisation.revoke(
        thumbprints.map((jti) => ({ jti, at, reason })),
        now(),
      );
      publish(organisation.revocations(now()));
    },
    async stop() {
      await service.stop();
      organisation.close();
    },
  };
}
