import * as z from 'zod';
import { endpoint } from './audit-delivery.ts';

const MIB = 1024 * 1024;

const pem = z.string().max(16_384);
/** Elements that say what a record is, whose, and whether it holds: without them it could not be kept or sent. */
const PLACING =
  /^(resourceType|id|meta|text|contained|extension|implicitRules|status|docStatus|subject|patient|beneficiary|individual|encounter|context)(\.|$)/;
/** A FHIRPath-like path below a type: element names, dots between them. */
const path = z
  .string()
  .max(200)
  .regex(/^[a-zA-Z]+(\.[a-zA-Z]+){0,7}$/)
  .refine((value) => !PLACING.test(value), 'places the record, so that it can’t be encrypted');
const label = z.string().regex(/^([^\s|]+\|)?[^\s|]+$/);

/** What is encrypted within a record, and for whom it may be found again. */
const field = z.strictObject({
  type: z.string().regex(/^[A-Z][A-Za-z]+$/),
  /** Elements below the resource, such as `note.text`; a choice of types by its name without one, such as `value`. */
  path,
  /** Only in records with this security label, `code` or `system|code`; null for all of the type. */
  label: label.nullable().default(null),
  /** Keeps a keyed hash of the value, by which equal values are found. */
  blindIndex: z.boolean().default(false),
});

const signingKey = z.strictObject({
  /** Ed25519 public key (PEM, SPKI). */
  key: pem,
  /** Of an earlier key: until when what it has signed counts. */
  until: z.iso.datetime().nullable().default(null),
  /** Of an earlier key that others may have: nothing that it has signed counts. */
  compromised: z.boolean().default(false),
});

const whole = z.strictObject({
  /** The organisation's public keys (RSA of 3072 bits or more, PEM, SPKI): the first is in force, the others open what is older. */
  organisation: z.array(pem).min(1).max(8),
  /** P-384 public keys (PEM, SPKI) that are recipients of files too: each of them, by a keyring of our own. */
  organisationEcdh: z.array(pem).max(4).default([]),
  /** AWS KMS keys that are recipients too, by their ARN. */
  kms: z
    .array(z.string().regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[a-zA-Z0-9-]+$/))
    .max(4)
    .default([]),
  /**
   * Keys by which the organisation signs the keys of devices, and what it revokes: the first is in force, and the earlier
   * ones stay, the newest before the older, so that what one of them has signed never takes the place of what is newer.
   */
  signingKeys: z.array(signingKey).max(8).default([]),
  /** The same where there has been one key only (PEM). */
  signingKey: pem.nullable().default(null),
  /** Address of the organisation's key service. */
  keyService: endpoint,
  /** Signs each file with a key of its own besides (suite 0x0578). */
  signed: z.boolean().default(false),
  /** Largest file, in bytes. */
  maxBytes: z
    .int()
    .min(1)
    .default(2_048 * MIB),
  /** Most pixels that one picture may have, as its file declares them: a photo of 200 megapixels is the largest that phones take. */
  maxPixels: z
    .int()
    .min(1)
    .max(1 << 28)
    .default(200_000_000),
  /** Kinds of file that are taken. */
  kinds: z.array(z.enum(['image', 'pdf', 'text', 'dicom', 'other'])).default(['image', 'pdf', 'text', 'dicom']),
  /** Place, time and camera are taken out of photos before they are encrypted. */
  stripMetadata: z.boolean().default(true),
  /** Archives that are encrypted themselves, which nobody can look into, are taken too. */
  encryptedArchives: z.boolean().default(false),
  /** A document may be handed to another program, or saved as a file that is not encrypted. */
  openWith: z.boolean().default(false),
  saveAs: z.boolean().default(false),
  /** Photos may be taken with this workstation's camera, and pages scanned with its scanner. */
  camera: z.boolean().default(true),
  scanner: z.boolean().default(true),
  /** Address of a tus server (https://tus.io) for uploads; null where the CapabilityStatement says it or there is none. */
  uploads: endpoint.nullable().default(null),
  fields: z.array(field).max(64).default([]),
});

/** Encryption of files and fields before they leave the workstation (docs/operations.md, "Documents"). */
export const documentsSchema = whole
  .refine(
    ({ signingKey: one, signingKeys: all }) => (one === null) !== (all.length === 0),
    'needs `signingKeys` or `signingKey`, and not both',
  )
  .refine(
    ({ signingKeys: all }) => all.every((one, at) => isEarlier(one) === at > 0),
    'the first signing key is in force; each other one needs `until` or `compromised`',
  );

function isEarlier({ until, compromised }: z.infer<typeof signingKey>): boolean {
  return until !== null || compromised;
}

/** A signing key as policy pins it. */
export type SigningKeyPolicy = z.infer<typeof signingKey>;

export type DocumentsPolicy = z.infer<typeof documentsSchema>;
