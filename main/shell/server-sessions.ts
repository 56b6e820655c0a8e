import { isDeepStrictEqual } from 'node:util';
import { type ProxyConfig, type Session, session } from 'electron';
import type { ProxyPolicy } from '../managed/connections.ts';
import type { Policy } from '../managed/policy.ts';
import { checkPins, PIN_MISMATCH, USUAL } from './pins.ts';

export interface ServerSessionsOptions {
  readonly policy: Pick<Policy, 'proxy' | 'tls'>;
  /** A server has shown none of the keys that are pinned for it. */
  readonly onMismatch: () => void;
}

/** What policy decides of connections. */
type Rules = Pick<Policy, 'proxy' | 'tls'>;

/**
 * The session of all requests to servers: in memory, apart from the page's session and without its request rules. Chromium
 * keeps what it has found out of a server (its certificate, the one that it was shown, open connections) for as long as a
 * session lives: where policy of connections is another one, the session is another one too.
 */
export function createServerSessions({ policy, onMismatch }: ServerSessionsOptions): () => Promise<Session> {
  let made = 0;
  let current: { rules: Rules; session: Promise<Session> } | null = null;

  async function make(rules: Rules): Promise<Session> {
    made += 1;
    const server = session.fromPartition(made === 1 ? 'fhir' : `fhir-${made}`, { cache: false });
    server.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
    server.setPermissionCheckHandler(() => false);
    server.setSpellCheckerEnabled(false);
    const { pins } = rules.tls;
    if (pins.length > 0) {
      server.setCertificateVerifyProc(({ hostname, errorCode, validatedCertificate }, decide) => {
        // What Chromium refuses stays refused: pins only ever refuse more.
        if (errorCode !== 0 || checkPins(pins, hostname, validatedCertificate)) return decide(USUAL);
        onMismatch();
        decide(PIN_MISMATCH);
      });
    }
    const config = proxyConfig(rules.proxy);
    // A development build's command line may name another one than the system's.
    if (config) await server.setProxy(config);
    return server;
  }

  return () => {
    // Read now: policy is a view whose values change.
    const rules = structuredClone({ proxy: policy.proxy, tls: { ...policy.tls } });
    if (current && isDeepStrictEqual(rules, current.rules)) return current.session;
    void current?.session.then((before) => before.closeAllConnections());
    current = { rules, session: make(rules) };
    return current.session;
  };
}

function proxyConfig(proxy: ProxyPolicy): ProxyConfig | null {
  if (proxy.mode === 'fixed')
    return { mode: 'fixed_servers', proxyRules: proxy.server, proxyBypassRules: proxy.bypass.join(',') };
  if (proxy.mode === 'script') return { mode: 'pac_script', pacScript: proxy.url };
  return proxy.mode === 'direct' ? { mode: 'direct' } : null;
}
