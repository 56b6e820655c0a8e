import { type BrowserWindow, shell } from 'electron';
import { COMMUNICATION_SCOPE } from '../audit/sending/sending.ts';
import { createSmart } from '../identity/smart.ts';
import { createTokenHolder } from '../identity/tokens.ts';
import { askForCertificate } from '../shell/ask-certificate.ts';
import { withClientCertificate } from '../shell/client-certificate.ts';
import { createServerSessions } from '../shell/server-sessions.ts';
import type { Base } from './base.ts';

const SIGN_IN_TIMEOUT_MS = 10 * 60_000;

/** What recording accesses on the FHIR server takes, where policy wants that. */
const AUDIT_SCOPE = 'user/AuditEvent.c';

/** What encrypted documents take besides their records: certificates of keys, and files where there is no tus server. */
const DOCUMENT_SCOPES = ['user/Basic.cu', 'user/Binary.cud'];

/** Large, and not on the way to the first screen: loaded behind it. */
export const fhirClients = () => import('../fhir/client.ts');

export type Servers = ReturnType<typeof composeServers>;

/** How FHIR servers are reached, and with whose tokens. */
export function composeServers({ policy, log, now, clocks, newId, keyStore }: Base, window: () => BrowserWindow) {
  const session = createServerSessions({ policy, onMismatch: () => log.warn('tls.pin-mismatch') });
  const fetch = withClientCertificate(
    (async (input: string, init?: RequestInit) => (await session()).fetch(input, init)) as typeof globalThis.fetch,
    {
      session,
      rules: () => policy.tls.clientCertificates,
      choose: (host, certificates) => askForCertificate(window(), host, certificates),
    },
  );
  const smart = createSmart({
    fetch,
    openExternal: (url) => shell.openExternal(url),
    now,
    uptime: clocks.uptime,
    timeoutMs: SIGN_IN_TIMEOUT_MS,
    moreScopes: [
      ...(policy.audit.delivery.targets.some(({ kind }) => kind === 'fhir') ? [AUDIT_SCOPE] : []),
      ...(policy.audit.alarms.recipients.length > 0 ? [COMMUNICATION_SCOPE] : []),
      ...(policy.documents ? DOCUMENT_SCOPES : []),
    ],
  });
  const refreshTokens = (id: string) => {
    const account = `${id}/refresh-token`;
    return {
      get: () => keyStore.get(account),
      set: (token: string) => keyStore.set(account, token),
      delete: () => keyStore.delete(account),
    };
  };
  /** A client that has one token, and no other when it is refused. */
  const clientWith = (base: string) => async (token: string) => {
    const { createFhirClient } = await fhirClients();
    return createFhirClient({ base, fetch, accessToken: async () => ({ ok: true, value: token }), requestId: newId });
  };

  /** Tokens of a profile that is closed: nothing is shown or sent with them, and what they grant is not kept. */
  const closedTokens = ({ id, server }: { id: string; server: string }) =>
    createTokenHolder({
      smart,
      server,
      now,
      grant: { take: async () => undefined },
      confirm: async () => ({ ok: true, value: undefined }),
      store: refreshTokens(id),
    });

  return { fetch, smart, refreshTokens, clientWith, closedTokens };
}
