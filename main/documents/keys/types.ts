import type { Cache } from '../../cache/client.ts';
import type { AccessToken } from '../../fhir/authorized.ts';
import type { FhirClient } from '../../fhir/client.ts';
import type { DocumentsPolicy } from '../../managed/documents.ts';
import type { DocumentsProcess } from '../types.ts';
import type { DirectoryError } from './directory.ts';
import type { ServiceError } from './service.ts';

/** `policy-key-invalid`: a key that policy pins is none that can be used. */
export type KeysProblem = 'keys-not-ready' | 'key-revoked' | 'policy-key-invalid';

/** What of the services did not answer as it should. */
export type RefreshError = ServiceError | DirectoryError;

export interface OwnKey {
  readonly thumbprint: string;
  /** ISO instant. */
  readonly expires: string;
}

export interface Exposure {
  readonly documents: readonly ExposedDocument[];
  /** Documents that were looked at, and ids of those of which it can't be said. */
  readonly examined: number;
  readonly unknown: readonly string[];
  readonly fields: ExposedFields;
}

export interface ExposedFields {
  readonly records: readonly ExposedRecord[];
  /** Records that were looked at, and `Type/id` of those of which it can't be said. */
  readonly examined: number;
  readonly unknown: readonly string[];
  /** Types that the server doesn't let be searched: nothing is known of them. */
  readonly refused: readonly string[];
}

export interface ExposedRecord {
  readonly type: string;
  readonly id: string;
  /** `Patient/<id>`; null where it has none. */
  readonly patient: string | null;
  /** Of the fields that could be opened, as policy has them: `note.text`; `text` is the narrative. */
  readonly paths: readonly string[];
  /** Whether its newest version still names the key. */
  readonly current: boolean;
  /** False where there are fields besides of which it can't be said. */
  readonly isWhole: boolean;
}

export interface ExposedDocument {
  /** Id of the DocumentReference. */
  readonly id: string;
  /** `Patient/<id>`; null where it has none. */
  readonly patient: string | null;
  /** Whether its newest version still names the key. */
  readonly current: boolean;
}

export interface DocumentKeysOptions {
  readonly cache: Pick<Cache, 'read' | 'write'>;
  readonly fhir: Pick<FhirClient, 'get' | 'send'>;
  readonly policy: DocumentsPolicy;
  /** Over Chromium's network stack; with the clinician's token. */
  readonly fetch: typeof globalThis.fetch;
  readonly accessToken: AccessToken;
  /** `Practitioner/<id>`. */
  readonly practitioner: string;
  /** The workstation's identifier. */
  readonly workstation: () => Promise<string>;
  /** Milliseconds. */
  readonly now: () => number;
  /** What works with private keys: main never has one. */
  readonly process: Pick<DocumentsProcess, 'handoverKey' | 'newPair' | 'openSecret' | 'openFieldText'>;
}
