import * as z from 'zod';

/** Names the target in receipts, in the keychain and in what IT is told. */
const name = z.string().regex(/^[a-z0-9-]{1,32}$/);

/** An address of a service: https; plain http is taken for loopback only. */
export const endpoint = z.url().refine((text) => {
  // Asked also of what is no address at all.
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  const isLoopback = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  const hasMore = [username, password, search, hash].some((part) => part !== '');
  return !hasMore && (protocol === 'https:' || (protocol === 'http:' && isLoopback));
});

const target = z.discriminatedUnion('kind', [
  /** A bucket with Object Lock. Its credentials are in the OS keychain. */
  z.strictObject({
    kind: z.literal('s3'),
    name,
    endpoint,
    region: z.string().regex(/^[a-z0-9-]{1,40}$/),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
    /** The bucket is in the path, and not in the host's name, of each request. */
    pathStyle: z.boolean().default(false),
  }),
  /** The FHIR server whose clinicians are signed in: AuditEvents of what concerns it. */
  z.strictObject({ kind: z.literal('fhir'), name, server: endpoint }),
  /** A folder, such as a share, to which files can only be added. */
  z.strictObject({ kind: z.literal('directory'), name, path: z.string().min(1).max(1_000) }),
]);
export type TargetPolicy = z.infer<typeof target>;
export type TargetPolicyOf<Kind extends TargetPolicy['kind']> = Extract<TargetPolicy, { kind: Kind }>;

/** Where the record of accesses is delivered (docs/operations.md, "Delivery"). */
export const deliverySchema = z
  .strictObject({
    /** Public key (RSA of 3072 bits or more, PEM, SPKI) to which what leaves the workstation is sealed. */
    organisationKey: z.string().max(16_384).nullable().default(null),
    targets: z.array(target).max(8).default([]),
    /** Days for which a bucket keeps what it has been given; six years by default (45 CFR 164.316(b)(2)). */
    retentionDays: z.int().min(1).max(36_500).default(2_192),
    /** Longest time from an event to the segment that takes it along. */
    segmentMinutes: z.int().min(1).max(1_440).default(15),
  })
  .refine(({ organisationKey, targets }) => organisationKey !== null || targets.length === 0, {
    error: 'targets need an organisationKey',
    path: ['organisationKey'],
  })
  .refine(({ targets }) => new Set(targets.map((one) => one.name)).size === targets.length, {
    error: 'two targets have one name',
    path: ['targets'],
  });

export type DeliveryPolicy = z.infer<typeof deliverySchema>;
