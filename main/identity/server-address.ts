import type { Result } from '../../preload/contract/channel.ts';

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/**
 * The FHIR base that a person typed, checked: TLS only, except loopback where the program is run for development.
 * A missing scheme reads as https.
 */
export function parseServerAddress(
  typed: string,
  { allowLoopback }: { allowLoopback: boolean },
): Result<string, 'server-address-invalid' | 'server-not-secure'> {
  const text = typed.trim();
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (text === '' || !URL.canParse(address)) return { ok: false, error: { code: 'server-address-invalid' } };
  const url = new URL(address);
  if (url.username || url.password || /[?#]/.test(url.href)) {
    return { ok: false, error: { code: 'server-address-invalid' } };
  }
  const secure =
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && allowLoopback && LOOPBACK.has(url.host.replace(/:\d+$/, '')));
  if (!secure) return { ok: false, error: { code: 'server-not-secure' } };
  return { ok: true, value: url.href.replace(/\/+$/, '') };
}

/** The same, where policy allows it: null allows any. */
export function allowedServer(
  typed: string,
  { allowLoopback, allowed }: { allowLoopback: boolean; allowed: readonly string[] | null },
): Result<string, 'server-address-invalid' | 'server-not-secure' | 'server-not-allowed'> {
  const server = parseServerAddress(typed, { allowLoopback });
  if (!server.ok || allowed === null) return server;
  const isAllowed = allowed.some((listed) => {
    const known = parseServerAddress(listed, { allowLoopback });
    return known.ok && known.value === server.value;
  });
  return isAllowed ? server : { ok: false, error: { code: 'server-not-allowed' } };
}
