/** What of the network has failed, in the codes that server contact has for it. */
export const networkErrors = [
  'offline',
  'server-unreachable',
  'server-certificate',
  'server-pin',
  'client-certificate',
  'proxy-refused',
] as const;
export type NetworkError = (typeof networkErrors)[number];

/** A request that got no answer of the server's; passes through libraries that know nothing of it. */
export class NetworkFailure extends Error {
  readonly code: Exclude<NetworkError, 'offline'>;

  constructor(code: Exclude<NetworkError, 'offline'>) {
    super(code);
    this.code = code;
  }
}

const PROXY_AUTHENTICATION = 407;

/** The same, but what fails says of what: by a `NetworkFailure`. */
export function tellingFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init).catch((error: unknown) => {
      throw new NetworkFailure(codeOf(error));
    });
    // What a proxy says to a tunnel reaches here as if the server had said it.
    if (response.status === PROXY_AUTHENTICATION) throw new NetworkFailure('proxy-refused');
    return response;
  };
}

/** Chromium names its errors in the message, Node in a cause. */
function codeOf(error: unknown): NetworkFailure['code'] {
  const { message = '', cause } = error as { message?: string; cause?: { code?: unknown } };
  const words = `${message} ${String(cause?.code)}`;
  if (/SSL_PINNED/.test(words)) return 'server-pin';
  if (/SSL_CLIENT_AUTH/.test(words)) return 'client-certificate';
  if (/PROXY_AUTH/.test(words)) return 'proxy-refused';
  return /CERT|SSL|TLS|UNABLE_TO_VERIFY/.test(words) ? 'server-certificate' : 'server-unreachable';
}
