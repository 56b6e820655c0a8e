import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call, event } from './channel.ts';
import { section, unsent } from './chart.ts';
import { fhirDateTime, fhirId, text } from './fhir.ts';

const bytes = z.int().min(0);
const uuid = z.uuid();

export const fileKind = z.enum(['image', 'pdf', 'text', 'dicom', 'other']);

/** Kinds of document that can be attached: LOINC document codes are main's business. */
export const documentKind = z.enum(['photo', 'scan', 'report', 'letter', 'consent', 'imaging']);
export type DocumentKind = z.infer<typeof documentKind>;

/** Why a document can't be opened here, as far as that is known before it is tried. */
export const openability = z.enum([
  /** A key of this workstation opens it. */
  'openable',
  /** The key service has to be asked, which takes a network. */
  'ask',
  'ask-offline',
  /** Its ciphertext is not on this workstation, and there is no network. */
  'not-downloaded',
  /** The organisation has not set up encrypted documents on this workstation. */
  'not-set-up',
  /** It is not encrypted by Wardlight: such documents are not opened yet. */
  'not-encrypted',
  /** What the record says of its encryption can't be used. */
  'invalid',
]);
export type Openability = z.infer<typeof openability>;

export const documentItem = z.strictObject({
  id: fhirId,
  title: text,
  author: text.nullable(),
  date: fhirDateTime.nullable(),
  status: text,
  kind: fileKind.nullable(),
  /** Of the ciphertext, in bytes. */
  size: bytes.nullable(),
  openability,
  unsent,
});
export type DocumentItem = z.infer<typeof documentItem>;

/** Where a file stands on its way to the server. */
export const transferState = z.enum([
  'encrypting',
  'waiting',
  'uploading',
  'verifying',
  'recording',
  'paused',
  /** Something that a person has to see; `code` says what. */
  'failed',
]);

/** Why a file is not sent until a person has looked at it. */
export type TransferFailure =
  | 'spool-missing'
  | 'spool-damaged'
  /** The server keeps other bytes than were sent, again and again. */
  | 'stored-differs'
  | 'too-large-for-server'
  | 'server-full'
  | 'forbidden'
  | 'rejected';

export const transfer = z.strictObject({
  id: uuid,
  patientId: fhirId,
  documentId: fhirId,
  title: text,
  state: transferState,
  /** A TransferFailure, or one of another version that has written it. */
  code: z.string().max(64).nullable(),
  /** Bytes that the server has, or that are encrypted. */
  done: bytes,
  total: bytes,
  /** Place in the queue, from 1. */
  place: z.int().min(1),
});
export type Transfer = z.infer<typeof transfer>;

export const intakeErrors = [
  'file-unreadable',
  'file-empty',
  'file-too-large',
  'file-kind-refused',
  'file-archive-encrypted',
  'file-ambiguous',
  'file-too-many-pixels',
  'file-bomb',
] as const;

/** Of the workstation's camera. */
const cameraErrors = ['camera-refused'] as const;

/** Of a scanner. */
const scanErrors = [
  'scan-refused',
  'scanner-busy',
  'scanner-jammed',
  'scanner-empty',
  'scanner-open',
  'scanner-denied',
  'scanner-failed',
] as const;

/** Why this workstation's keys can't be used. */
export const keyErrors = ['keys-not-ready', 'key-revoked', 'policy-key-invalid'] as const;

/** Where the organisation's key service has to be asked. */
export const keyServiceErrors = [
  'key-service-refused',
  'key-service-unreachable',
  'key-service-answer-invalid',
] as const;

/** What keeps something from being written. */
const diskErrors = ['disk-full', 'store-failed'] as const;

export const openErrors = [
  ...keyErrors,
  'not-found',
  'not-set-up',
  'not-openable',
  'not-downloaded',
  'download-failed',
  'ciphertext-length',
  'ciphertext-hash',
  'message-header-invalid',
  'message-suite-refused',
  'message-not-framed',
  'message-too-many-keys',
  'message-too-large',
  'message-truncated',
  'message-damaged',
  'commitment-mismatch',
  'context-mismatch',
  'not-a-recipient',
  'signature-invalid',
  'content-type-mismatch',
  'content-too-many-pixels',
  'content-bomb',
  ...keyServiceErrors,
  'cancelled',
  ...diskErrors,
] as const;

/** What was picked, photographed or scanned, and can be attached. */
const picked = z.strictObject({ pickId: uuid, name: text, size: bytes, kind: fileKind });

const ofPatient = z.strictObject({ patientId: fhirId });
const ofDocument = ofPatient.extend({ documentId: fhirId });
const nothing = z.strictObject({});

export const documents = {
  calls: {
    /** The documents of a patient that are files, newest first, and what the organisation lets be done with them. */
    list: call(
      ofPatient,
      section(documentItem, 1_000).extend({
        /** Null where files can be attached; otherwise why not. */
        attachProblem: z.enum([...keyErrors, 'not-set-up', 'not-permitted']).nullable(),
        mayPhotograph: z.boolean(),
        mayScan: z.boolean(),
        maySave: z.boolean(),
        mayOpenWith: z.boolean(),
      }),
      ['not-found', ...auditErrors],
    ),
    /** Lets a person pick a file in the OS's own dialog. The page learns its name and kind, and never reads it. */
    pick: call(ofPatient, picked.nullable(), [...intakeErrors, ...keyErrors, ...diskErrors, 'not-set-up']),
    /**
     * Lets the camera be used for one photo of this patient, until it was taken or given up. `captureId` names the frame
     * that takes it, and the address that the frame sends it to.
     */
    beginPhoto: call(ofPatient, z.strictObject({ captureId: uuid }), [
      ...cameraErrors,
      ...keyErrors,
      ...diskErrors,
      'not-set-up',
      'not-permitted',
    ]),
    /** The frame has sent its photo: what is known of it, which the page never reads either. */
    photoTaken: call(ofPatient.extend({ captureId: uuid }), picked, [...intakeErrors, 'not-found', 'not-set-up']),
    /** Gives up a photo that was not taken over yet. */
    endPhoto: call(z.strictObject({ captureId: uuid }), nothing, []),
    /** The scanners that can be reached now; finding them takes seconds. */
    scanners: call(nothing, z.strictObject({ items: z.array(z.strictObject({ id: uuid, name: text })).max(16) }), [
      'not-set-up',
    ]),
    /** Scans a page, which the page never reads: what is known of it. */
    scan: call(ofPatient.extend({ scannerId: uuid }), picked, [
      ...scanErrors,
      ...intakeErrors,
      ...keyErrors,
      ...diskErrors,
      'not-set-up',
      'not-permitted',
      'not-found',
      'cancelled',
    ]),
    cancelScan: call(nothing, nothing, []),
    /** Lets go of what was picked and is not to be attached. */
    forget: call(z.strictObject({ pickId: uuid }), nothing, []),
    /**
     * Encrypts what was picked, and queues it; when this answers the ciphertext and its record are durable. Meanwhile it is
     * a transfer of this patient in the state `encrypting`, whose `cancel` ends it.
     */
    attach: call(
      ofPatient.extend({
        pickId: uuid,
        kind: documentKind,
        title: z.string().trim().min(1).max(200),
      }),
      z.strictObject({ documentId: fhirId }),
      [
        ...intakeErrors,
        ...auditErrors,
        'not-found',
        'not-set-up',
        ...keyErrors,
        'recipients-missing',
        'recipient-invalid',
        'recipient-unreachable',
        'cancelled',
        ...diskErrors,
      ],
    ),
    transfers: call(nothing, z.strictObject({ items: z.array(transfer).max(1_000) }), []),
    pause: call(z.strictObject({ id: uuid }), nothing, ['not-found', ...diskErrors]),
    resume: call(z.strictObject({ id: uuid }), nothing, ['not-found', ...diskErrors]),
    /** Gives up a file that the server does not have yet; its record goes too. */
    cancel: call(z.strictObject({ id: uuid }), nothing, ['not-found', 'too-late', ...diskErrors, ...auditErrors]),
    /** Puts a transfer in a place of the queue. */
    move: call(z.strictObject({ id: uuid, place: z.int().min(1) }), nothing, ['not-found', ...diskErrors]),
    /** Decrypts a document for the viewer; `handle` names it until it is closed. */
    open: call(ofDocument, z.strictObject({ handle: uuid, kind: fileKind, contentType: text, size: bytes }), [
      ...openErrors,
      ...auditErrors,
    ]),
    /** Of an `open` that is under way. */
    cancelOpen: call(ofDocument, nothing, []),
    close: call(z.strictObject({ handle: uuid }), nothing, []),
    /** Saves an opened document as a file that is not encrypted, where policy allows it; null: the person has cancelled. */
    saveAs: call(z.strictObject({ handle: uuid }), z.strictObject({ name: text }).nullable(), [
      'not-open',
      'not-permitted',
      ...diskErrors,
      ...auditErrors,
    ]),
    openWith: call(z.strictObject({ handle: uuid }), nothing, [
      'not-open',
      'not-permitted',
      ...diskErrors,
      ...auditErrors,
    ]),
  },
  events: {
    /** The transfers are other ones, or further. */
    transfersChanged: event(z.strictObject({ items: z.array(transfer).max(1_000) })),
    /** Whether files can be attached, or what can be opened, may be another thing than a list has said. */
    standingChanged: event(nothing),
    /** Of a scan that is under way. */
    scanProgress: event(z.strictObject({ percent: z.number().min(0).max(100) })),
    /** Of an `open` that is under way: bytes downloaded and decrypted. */
    openProgress: event(ofDocument.extend({ done: bytes, total: bytes })),
  },
} as const;
