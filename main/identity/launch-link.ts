import type { Result } from '../../preload/contract/channel.ts';
import type { LaunchError } from '../../preload/contract/launch.ts';
import { parseServerAddress } from './server-address.ts';

/** What an EHR hands over (SMART App Launch 2, EHR launch). `launch` is for its own server only, and is shown to nobody. */
export interface LaunchLink {
  /** The FHIR base, as policy lists it. */
  readonly server: string;
  readonly host: string;
  readonly launch: string;
}

export type LinkRefusal = Result<never, LaunchError> & { readonly host: string | null };

export interface LaunchLinkOptions {
  /** FHIR bases of policy (`launchIssuers`). */
  issuers: readonly string[];
  /** Plain http on loopback, in unpackaged builds only. */
  allowLoopback: boolean;
}

/** Longer than any link of an EHR; what is longer is not looked at. */
const LINK_MAX = 4_096;
/** Visible ASCII, as a query's values are. */
const LAUNCH = /^[\x21-\x7e]{1,2048}$/;

function refused(code: LaunchError, host: string | null = null): LinkRefusal {
  return { ok: false, error: { code }, host };
}

/**
 * Reads `wardlight://launch?iss=…&launch=…`. Anyone can make such a link: it has exactly these two parameters, once each,
 * and its issuer is one of those that policy lists, to the letter after both were made canonical.
 */
export function parseLaunchLink(
  link: string,
  { issuers, allowLoopback }: LaunchLinkOptions,
): Result<LaunchLink, never> | LinkRefusal {
  if (link.length > LINK_MAX || !URL.canParse(link)) return refused('launch-invalid');
  const url = new URL(link);
  const isPlain = url.protocol === 'wardlight:' && url.host === 'launch' && ['', '/'].includes(url.pathname);
  if (!isPlain || url.hash !== '' || url.username !== '' || url.password !== '') return refused('launch-invalid');
  const names = [...url.searchParams.keys()].sort();
  if (names.length !== 2 || names[0] !== 'iss' || names[1] !== 'launch') return refused('launch-invalid');
  const launch = url.searchParams.get('launch') ?? '';
  const issuer = url.searchParams.get('iss') ?? '';
  // With its scheme: what a person may leave out is not left out by a system.
  if (!LAUNCH.test(launch) || !/^https?:\/\//.test(issuer)) return refused('launch-invalid');
  const canonical = (address: string) => parseServerAddress(address, { allowLoopback });
  const server = canonical(issuer);
  if (!server.ok) return refused('launch-invalid');
  const { host } = new URL(server.value);
  const isListed = issuers.some((listed) => {
    const known = canonical(listed);
    return known.ok && known.value === server.value;
  });
  if (!isListed) return refused('launch-issuer-unknown', host);
  return { ok: true, value: { server: server.value, host, launch } };
}
