import { build, type PlistValue } from 'plist';
import type { Setting } from '../../main/managed/list.ts';

/** Identifies the profile and its payload: the same ones replace what was installed before. */
const PROFILE_UUID = '6F0A3B52-9C0B-4C1F-8C5D-6B1C0C9E7A11';
const PAYLOAD_UUID = 'B7D54B0E-55C9-4E0F-93C8-0D9E5A4C2F63';

/**
 * A configuration profile that forces every setting to its default: to be cut down to what the organisation decides.
 * What a plist has no type for is JSON in a string.
 */
export function mobileconfig(settings: readonly Setting[]): string {
  const forced = Object.fromEntries(
    settings.filter((one) => one.default !== null).map((one) => [one.key, plistValue(one)]),
  );
  const profile = {
    PayloadContent: [
      {
        PayloadType: 'org.wardlight.app',
        PayloadIdentifier: 'org.wardlight.app.policy.settings',
        PayloadUUID: PAYLOAD_UUID,
        PayloadVersion: 1,
        PayloadDisplayName: 'Wardlight',
        ...forced,
      },
    ],
    PayloadType: 'Configuration',
    PayloadIdentifier: 'org.wardlight.app.policy',
    PayloadUUID: PROFILE_UUID,
    PayloadVersion: 1,
    PayloadScope: 'System',
    PayloadRemovalDisallowed: true,
    PayloadDisplayName: 'Wardlight',
    PayloadDescription: 'What your organisation has decided for Wardlight.',
  };
  return `${build(profile)}\n`;
}

function plistValue({ type, default: standard }: Setting): PlistValue {
  return type === 'json' ? JSON.stringify(standard) : (standard as PlistValue);
}
