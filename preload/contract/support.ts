import * as z from 'zod';
import { call } from './channel.ts';
import { nothing } from './fhir.ts';

/** What a support bundle is made of. */
export const bundleParts = ['health', 'system', 'policy', 'problems', 'calls', 'crashes', 'log'] as const;
export const bundlePart = z.enum(bundleParts);
export type BundlePart = z.infer<typeof bundlePart>;

const TEXT_MAX = 400_000;
const bundleId = z.uuid();

const gathered = z.strictObject({
  id: bundleId,
  /** Each as it will stand in the file: JSON. */
  parts: z.array(z.strictObject({ name: bundlePart, text: z.string().max(TEXT_MAX) })).max(bundleParts.length),
});
export type GatheredBundle = z.infer<typeof gathered>;

/** Third-party notices, in pieces: they are long. `missing`: this is no installed program. */
const notices = z.strictObject({ missing: z.boolean(), text: z.string().max(TEXT_MAX), more: z.boolean() });

/** What a person gives to IT, or to whoever supports IT. Nothing of it leaves the workstation by itself. */
export const support = {
  calls: {
    /** Puts a bundle together and keeps it, so that what is saved is what was read. */
    gather: call(nothing, gathered),
    /**
     * Saves the named parts of it as one file, where the person says; `saved` is false where she has changed her mind.
     * `bundle-gone`: another one was put together since.
     */
    save: call(
      z.strictObject({ id: bundleId, parts: z.array(bundlePart).min(1).max(bundleParts.length) }),
      z.strictObject({ saved: z.boolean() }),
      ['bundle-gone', 'disk-full', 'store-failed'],
    ),
    notices: call(z.strictObject({ piece: z.int().min(0).max(100) }), notices, ['store-failed']),
  },
  events: {},
} as const;
