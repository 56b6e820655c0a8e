import * as z from 'zod';

/** A host as it stands in addresses: its name in small letters, or an IP address; `*` for each that is not named. */
const host = z
  .string()
  .max(253)
  .regex(/^(?:\*|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/);

/** An address of a proxy: scheme, host and port, and nothing that Chromium would read as one more rule. */
const proxyServer = z
  .string()
  .max(300)
  .regex(/^(?:https?|socks5):\/\/(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/);

/** One rule of Chromium's for what goes past a proxy: a host, `*.domain`, a range of addresses, `<local>`, `<-loopback>`. */
const bypassRule = z.string().regex(/^(?:<local>|<-loopback>|[A-Za-z0-9.*:[\]/-]{1,255})$/);

const scriptAddress = z
  .url()
  .max(1_000)
  .regex(/^https?:\/\/[^\s]+$/);

/** How servers are reached. */
export const proxySchema = z.discriminatedUnion('mode', [
  /** As the operating system has it, with its scripts. */
  z.strictObject({ mode: z.literal('system') }),
  z.strictObject({ mode: z.literal('direct') }),
  z.strictObject({ mode: z.literal('fixed'), server: proxyServer, bypass: z.array(bypassRule).max(100).default([]) }),
  /** By a script (PAC). */
  z.strictObject({ mode: z.literal('script'), url: scriptAddress }),
]);
export type ProxyPolicy = z.infer<typeof proxySchema>;

/** SHA-256 of a key (SubjectPublicKeyInfo), in base64 (RFC 7469, section 2.4). */
const pin = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);

const hostPins = z.strictObject({
  host,
  /** One of them is a back-up that is not in use yet: without it, a new key at the server would lock every workstation out. */
  sha256: z
    .array(pin)
    .min(2)
    .max(20)
    .refine((pins) => new Set(pins).size === pins.length, 'a back-up pin is another one'),
});

/** Keys of which one has to be in the chain of a host's certificate. */
export const pinsSchema = z
  .array(hostPins)
  .max(50)
  .refine((all) => new Set(all.map((one) => one.host)).size === all.length, 'two rules have one host');
export type PinsPolicy = z.infer<typeof pinsSchema>;

/** What no key has: where pins can't be read, no server is the one that was meant. */
export const UNREACHABLE_PINS: PinsPolicy = [{ host: '*', sha256: [`${'A'.repeat(43)}=`, `${'/'.repeat(42)}8=`] }];

/** Which hosts may be shown which certificates of the workstation. */
export const clientCertificatesSchema = z
  .array(
    z.strictObject({
      hosts: z.array(host).min(1).max(50),
      /** Common names of those who issued it; null for anybody. */
      issuers: z.array(z.string().min(1).max(200)).min(1).max(50).nullable().default(null),
    }),
  )
  .max(50);
export type ClientCertificatesPolicy = z.infer<typeof clientCertificatesSchema>;
