import * as z from 'zod';
import { type LeavingFailure, lastingFailures } from '../../../preload/contract/audit.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const instant = z.iso.datetime();

/** What shows that a target has a segment. `writeOnce`: the target has said that nobody can alter or delete it until then. */
export const receiptSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('s3'),
    writeOnce: z.literal(true),
    bucket: z.string(),
    key: z.string(),
    versionId: z.string(),
    sha256,
    mode: z.literal('COMPLIANCE'),
    retainUntil: instant,
    /** Another object had the name already; both versions are kept. */
    besideAnother: z.boolean(),
    time: instant,
  }),
  z.strictObject({
    kind: z.literal('directory'),
    writeOnce: z.literal(false),
    /** Relative to the folder that policy names. */
    path: z.string(),
    sha256,
    size: z.int(),
    inode: z.string(),
    /** Another file had the name already. */
    besideAnother: z.boolean(),
    time: instant,
  }),
  z.strictObject({
    kind: z.literal('fhir'),
    writeOnce: z.literal(false),
    server: z.string(),
    /** Events that the server has now, those that it had before, and those that are another server's. */
    created: z.int(),
    present: z.int(),
    elsewhere: z.int(),
    /** Events that it refuses for what they are; they stay in the other targets and in the log. */
    refused: z.array(z.int()),
    /** SHA-256 of where the server says that it keeps them, one a line. */
    locations: sha256,
    time: instant,
  }),
]);
export type Receipt = z.infer<typeof receiptSchema>;
export type ReceiptOf<Kind extends Receipt['kind']> = Extract<Receipt, { kind: Kind }>;

/** Why a segment was not delivered. */
export type DeliveryFailure = LeavingFailure;

const lasting: ReadonlySet<string> = new Set(lastingFailures);

/** Whether somebody has to do something before it can go on. */
export function isLasting(code: DeliveryFailure): boolean {
  return lasting.has(code);
}

export type Delivered<Value = Receipt> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: { readonly code: DeliveryFailure; readonly retryAfterMs: number | null } };

export type NotDelivered = Extract<Delivered, { ok: false }>;

export function undelivered(code: DeliveryFailure, retryAfterMs: number | null = null): NotDelivered {
  return { ok: false, error: { code, retryAfterMs } };
}

/** A sealed part of the log: the entries from `first` to before `end`. */
export interface SealedSegment {
  readonly first: number;
  readonly end: number;
  /** `audit/<log id>/<first>-<end>.jwe` */
  readonly name: string;
  /** Of the sealed bytes, in hexadecimal. */
  readonly sha256: string;
}

/** A segment with what it holds, read when it is asked for. */
export interface Consignment extends SealedSegment {
  /** Sealed to the organisation's key. */
  body(): Promise<Buffer>;
  /** The AuditEvents as JSON, with their place in the log. */
  events(first: number, end: number): Promise<readonly { readonly seq: number; readonly event: string }[]>;
}

/** Where segments are brought. Bringing one again does no harm. */
export interface Target {
  readonly name: string;
  deliver(segment: Consignment, signal: AbortSignal): Promise<Delivered>;
  /** Whether the target still has what a receipt says; null where it can't tell. */
  confirm(segment: SealedSegment, receipt: Receipt, signal: AbortSignal): Promise<Delivered<boolean | null>>;
}
