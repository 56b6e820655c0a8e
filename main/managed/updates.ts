import * as z from 'zod';
import { updateKey, updateMode, updateRing } from '../../preload/contract/updates.ts';
import { endpoint } from './audit-delivery.ts';
import { setting } from './setting.ts';

/** Where new versions of the program come from (docs/operations.md, "Updates"). */
export const updatesSchema = z.strictObject({
  mode: setting(updateMode.default('repository'), {
    text: 'Where new versions come from: off (nowhere), repository (your own package repository; Wardlight asks for a restart), feed (Wardlight looks by itself).',
    strictest: 'off',
  }),
  feed: setting(endpoint.nullable().default(null), {
    text: 'With feed: https address of the folder with release.json (operations.md, "Updates").',
    strictest: null,
  }),
  keys: setting(z.array(updateKey).max(10).nullable().default(null), {
    text: 'Public keys (Ed25519, base64url) by which the feed is signed. Not set: those of the package.',
    // None: nothing that a feed says is believed.
    strictest: [],
  }),
  ring: setting(updateRing.default('general'), {
    text: 'Group of workstations to which this one belongs in a staged rollout.',
    strictest: 'general',
  }),
  deferDays: setting(z.int().min(0).max(90).default(7), {
    text: 'Days for which a person may put a new version off.',
    strictest: 7,
  }),
  checkMinutes: setting(z.int().min(15).max(10_080).default(240), {
    text: 'Minutes between two looks for a new version.',
    strictest: 240,
  }),
});

export type UpdatesPolicy = z.infer<typeof updatesSchema>;
