import type { Transform } from 'node:stream';
import type { ExpectedField } from './fields/context.ts';
import type { FieldError, OpenedText, Share } from './fields/jwe.ts';

/** Whose key a file's data key is wrapped for. */
export type Recipient =
  | {
      readonly kind: 'rsa';
      /** RFC 7638 thumbprint (SHA-256, base64url) of the public key: the name by which the message knows it. */
      readonly thumbprint: string;
      /** RSA of 3072 bits or more, SPKI, PEM. */
      readonly publicKey: string;
    }
  | {
      readonly kind: 'ecdh-p384';
      readonly thumbprint: string;
      /** On P-384, SPKI, PEM. */
      readonly publicKey: string;
    }
  | { readonly kind: 'aws-kms'; readonly arn: string };

/** A data key wrapped for somebody, as it stands in a message (AWS Encryption SDK, "Encrypted Data Key Entry"). */
export interface WrappedKey {
  /** `wardlight` for RSA keys, `wardlight-ecdh-p384`, `aws-kms`. */
  readonly provider: string;
  /** Thumbprint, or ARN. */
  readonly info: string;
  /** Base64. */
  readonly ciphertext: string;
}

/**
 * To whom, why and for which patient a ciphertext was made: authenticated, and legible to everybody who holds it. So that
 * it names nobody, ids are HMACs under the organisation's context key (base64url).
 */
export interface EncryptionContext {
  readonly v: '1';
  readonly document: string;
  readonly patient: string;
  readonly author: string;
  /** HMAC of the DocumentReference's type, subject and content type. */
  readonly resource: string;
  /** Code of the author's role, or `unknown`. */
  readonly role: string;
  /** HL7 v3 purpose of use. */
  readonly purpose: string;
  /** Version of the access policy in force. */
  readonly policy: string;
  /** ISO instant, workstation time. */
  readonly created: string;
}

export type FileKind = 'image' | 'pdf' | 'text' | 'dicom' | 'other';

/** A ciphertext as it lies in the spool. */
export interface Spooled {
  /** Bytes of the ciphertext, and of the file that is in it. */
  readonly size: number;
  readonly plainSize: number;
  /** Of the ciphertext, base64. SHA-1 only because FHIR R4 has no other `Attachment.hash`. */
  readonly sha256: string;
  readonly sha1: string;
  /** The message's header, base64, and its length in bytes. */
  readonly header: string;
  readonly headerLength: number;
}

/** What a document is known by when it is read: of its DocumentReference. */
export interface Envelope {
  readonly format: 'aws-encryption-sdk-2';
  readonly size: number;
  readonly sha256: string;
  /** The newest header, base64: after a re-wrap another one than the stored message begins with. */
  readonly header: string;
  /** Length of the header that the stored message begins with. */
  readonly headerLength: number;
  readonly kind: FileKind;
}

/** What is taken in: a file by its path, or what a camera or scanner gave, by the name under which it is held in memory. */
export type FileSource = string | { readonly held: string };

/** What encrypts and opens files: a process of its own, so that no file is read and no picture parsed in main. */
export interface DocumentsProcess {
  /** What a file is, by its content. Refused by its kind, size, or as an archive that nobody can look into. */
  inspect(request: { source: FileSource; rules: IntakeRules }): Promise<Answer<Inspected, IntakeError>>;
  /**
   * Takes a piece of what is no file into this process's memory, where it stays until it is dropped; false where that
   * would be too much, and then nothing is left of it.
   */
  hold(request: { held: string; bytes: Uint8Array }): Promise<boolean>;
  drop(request: { held: string }): Promise<void>;
  /** The scanners that can be reached from this workstation. */
  scanners(): Promise<Scanner[]>;
  /** Scans a page and holds it; how far that is, `progress` tells in per cent. */
  scan(request: { task: string; held: string; device: string }): Promise<Answer<{ size: number }, ScanError>>;
  /** Reads, strips and encrypts a file to the spool, which is there whole and durable, or not at all. */
  encrypt(request: {
    task: string;
    source: FileSource;
    spool: string;
    recipients: readonly Recipient[];
    context: EncryptionContext;
    signed: boolean;
    strip: boolean;
    rules: IntakeRules;
  }): Promise<Answer<Spooled & Inspected, IntakeError | EncryptError>>;
  /**
   * Decrypts a message to a temporary file that is encrypted under a key that only this process has; nothing of it can be
   * read before the whole message was verified.
   */
  open(request: {
    task: string;
    ciphertext: string;
    temporary: string;
    envelope: Envelope;
    expected: Partial<EncryptionContext>;
    /** Private keys of this device, sealed for this process. */
    keys: readonly Uint8Array[];
    /** What the key service has wrapped for this device. */
    granted: readonly WrappedKey[];
    limits: ExcessLimits;
  }): Promise<Answer<Opened, OpenError>>;
  /** Bytes of an opened document. */
  read(request: { handle: string; offset: number; length: number }): Promise<Uint8Array>;
  /** Writes an opened document as a file that is not encrypted. */
  save(request: { handle: string; target: string }): Promise<Answer<null, 'not-open' | 'disk-full' | 'store-failed'>>;
  /** Forgets an opened document, and removes its temporary file. */
  close(request: { handle: string }): Promise<void>;
  /** For which the private keys of this device are sealed on their way through main; another one in each life. */
  handoverKey(): Promise<Uint8Array>;
  /** A new pair of this device, its private key sealed for another process. */
  newPair(request: { to: Uint8Array }): Promise<{ thumbprint: string; sealed: Uint8Array }>;
  /** Opens what the key service has encrypted for a key; null where it is of another type, or not for it. */
  openSecret(request: { key: Uint8Array; jwe: string; typ: string }): Promise<Uint8Array | null>;
  /** Opens the JWE of a field, by the first of the keys that it was sealed for, or that was granted. */
  openFieldText(request: {
    jwe: string;
    keys: readonly Uint8Array[];
    expected: ExpectedField & { readonly path: string };
    granted: readonly Share[];
  }): Promise<Answer<OpenedText, FieldError>>;
  /** Ends a task as if it had never begun. */
  cancel(request: { task: string }): Promise<void>;
  /** Bytes of the source that a task has gone through. */
  progress(request: { task: string }): Promise<{ done: number; total: number } | null>;
}

export type Answer<Value, Code extends string> =
  | { readonly ok: true; readonly value: Value }
  /** `differs`: names of the context's fields that are other ones. */
  | { readonly ok: false; readonly error: { readonly code: Code; readonly differs?: readonly string[] } };

/** Bytes that can be read from any place on. */
export interface Bytes {
  readonly size: number;
  /** Fewer at the end. */
  bytes(at: number, length: number): Promise<Buffer>;
}

/** What is more than a file may be, unpacked or drawn. */
export type Excess =
  | 'too-many-pixels'
  /** It unpacks to far more than it is. */
  | 'bomb'
  /** It declares more than there is of it. */
  | 'not-there';

export interface ExcessLimits {
  /** Largest file; archives may not unpack to more either. */
  readonly maxBytes: number;
  /** Most that one picture may have, as its file declares them. */
  readonly maxPixels: number;
}

export interface IntakeRules extends ExcessLimits {
  readonly kinds: readonly FileKind[];
  readonly encryptedArchives: boolean;
}

export interface Inspected {
  /** By content, never by name: `application/octet-stream` where it isn't known. */
  readonly contentType: string;
  readonly kind: FileKind;
}

/** What looks into files, and takes out of photos what they give away. It runs in the documents process. */
export interface Intake {
  /** What a file is, by its content, and whether the rules take it. */
  inspect(file: string | Buffer, rules: IntakeRules): Promise<Answer<Inspected, IntakeError>>;
  /** Takes place, time and camera out of files of this type as they pass; null where there is nothing to take out. */
  strip(contentType: string): Transform | null;
  /** What a file is that begins with these bytes: `octet-stream` and `other` where it isn't known. */
  kindOf(firstBytes: Uint8Array): Promise<Inspected>;
  /** What of an opened file is more than it may be, before anybody unpacks or draws it. */
  excessOf(file: Bytes, inspected: Inspected, limits: ExcessLimits): Promise<Excess | null>;
}

export interface Opened extends Inspected {
  readonly handle: string;
  readonly size: number;
}

/** A scanner, by the name that SANE has for it, and by what it calls itself. */
export interface Scanner {
  readonly device: string;
  readonly name: string;
}

export type ScanError =
  | 'scanner-busy'
  | 'scanner-jammed'
  | 'scanner-empty'
  | 'scanner-open'
  | 'scanner-denied'
  | 'scanner-failed'
  | 'file-too-large'
  | 'cancelled';

export type IntakeError =
  | 'file-unreadable'
  | 'file-empty'
  | 'file-too-large'
  | 'file-kind-refused'
  | 'file-archive-encrypted'
  /** It claims to be one kind and is another too. */
  | 'file-ambiguous'
  | 'file-too-many-pixels'
  /** It unpacks to far more than it is. */
  | 'file-bomb';

export type EncryptError =
  | 'recipients-missing'
  | 'recipient-invalid'
  /** A key management service that doesn't answer, or refuses. */
  | 'recipient-unreachable'
  | 'cancelled'
  | 'disk-full'
  | 'store-failed';

export type OpenError =
  | 'ciphertext-length'
  | 'ciphertext-hash'
  | 'message-header-invalid'
  | 'message-suite-refused'
  | 'message-not-framed'
  | 'message-too-many-keys'
  | 'message-too-large'
  | 'message-truncated'
  | 'message-damaged'
  | 'commitment-mismatch'
  | 'context-mismatch'
  | 'not-a-recipient'
  | 'signature-invalid'
  | 'content-type-mismatch'
  | 'content-too-many-pixels'
  | 'content-bomb'
  | 'cancelled'
  | 'disk-full'
  | 'store-failed';
