import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import Provider from 'oidc-provider';
import type { OAuthEndpoints } from '../fhir/capabilities.ts';
import { resourceTypes } from '../fhir/validate.ts';
import { readBody } from '../http/body.ts';
import type { DevUser } from '../users.ts';
import { createAdapterFactory } from './adapter.ts';
import { loginPage } from './login-page.ts';

/** The authorization server: oidc-provider under `/oauth`, with sign-in by our own page and consent without asking. */
export interface OAuth {
  endpoints: OAuthEndpoints;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** The scope of a living access token; undefined for any other. */
  scopeOf(token: string): Promise<string | undefined>;
  /** Whose token it is; undefined for one that isn't living. */
  userOf(token: string): Promise<DevUser | undefined>;
  issueToken(username: string, scope: string): Promise<string>;
  /** What an EHR hands over to launch an app for one of its patients. */
  offerLaunch(patientId: string): string;
  /** From now on no more than these scopes are granted, whatever is asked for; null for all. */
  limitScopes(scopes: string | null): void;
}

const CLIENT = 'wardlight';

/** SMART 2 scopes: every type, every set of permissions in their fixed order. oidc-provider only knows lists. */
function smartScopes(): string[] {
  const permissions = Array.from({ length: 31 }, (_, i) =>
    [...'cruds'].filter((_p, bit) => (i + 1) & (1 << bit)).join(''),
  );
  return ['user', 'patient'].flatMap((context) =>
    ['*', ...resourceTypes].flatMap((type) =>
      [...permissions, 'read', 'write', '*'].map((p) => `${context}/${type}.${p}`),
    ),
  );
}

const ADVERTISED = [
  'openid',
  'fhirUser',
  'profile',
  'offline_access',
  'launch/patient',
  'user/*.rs',
  'user/*.cruds',
  'patient/*.rs',
];

interface Settings {
  issuer: string;
  fhirBase: string;
  users: readonly DevUser[];
  accessTokenSeconds: number;
}

/** Only a token's own client may revoke it or look into it (RFC 7009, section 2.1). */
const sameClient = async (_context: unknown, client: { clientId: string }, token: { clientId?: string }) =>
  token.clientId === client.clientId;

function configuration({ fhirBase, users, accessTokenSeconds }: Settings): object {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    adapter: createAdapterFactory(),
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'development' }] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    clients: [
      {
        client_id: CLIENT,
        client_name: 'Wardlight',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        // RFC 8252, section 7.3: any port of the loopback address will do.
        redirect_uris: ['http://127.0.0.1/callback'],
      },
    ],
    scopes: [
      'openid',
      'offline_access',
      'fhirUser',
      'launch',
      'launch/patient',
      'profile',
      'online_access',
      ...smartScopes(),
    ],
    claims: { openid: ['sub'], fhirUser: ['fhirUser'], profile: ['name'] },
    conformIdTokenClaims: false,
    extraParams: ['aud', 'launch'],
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: sameClient },
      introspection: { enabled: true, allowedPolicy: sameClient },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: true },
    },
    rotateRefreshToken: true,
    ttl: {
      AccessToken: accessTokenSeconds,
      AuthorizationCode: 60,
      IdToken: 3600,
      Interaction: 600,
      Session: 86_400,
      Grant: 30 * 86_400,
      RefreshToken: 30 * 86_400,
    },
    findAccount: async (_context: unknown, id: string) => {
      const user = users.find((candidate) => candidate.username === id);
      return (
        user && {
          accountId: id,
          claims: async () => ({
            sub: id,
            name: user.display,
            fhirUser: `${fhirBase}/Practitioner/${user.practitionerId}`,
          }),
        }
      );
    },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/oauth/sign-in/${uid}` },
  };
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  });
  response.end(html);
}

export function createOAuth(settings: Settings): OAuth {
  const { issuer, users } = settings;
  const provider = new Provider(issuer, configuration(settings));
  // Ten thousand scopes are accepted; the discovery document names the usual.
  /** Patients of launches, and of the grants that were given for them. */
  const launches = new Map<string, string>();
  const patients = new Map<string, string>();
  let limit: string | null = null;
  provider.use(async (context, next) => {
    await next();
    const grantId = context.oidc?.route === 'token' ? context.oidc.entities?.AccessToken?.grantId : undefined;
    const patient = patients.get(grantId ?? '');
    // SMART App Launch 2, launch context arrives with the access token.
    if (patient !== undefined) Object.assign(context.body as object, { patient });
    if (context.oidc?.route === 'discovery') Object.assign(context.body as object, { scopes_supported: ADVERTISED });
  });
  const callback = provider.callback();
  // Errors are answered to the client; without a listener oidc-provider prints some of them.
  provider.on('server_error', () => {});

  /** Consent is granted unasked: the client is ours and the data is synthetic. */
  async function consent(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
    const accountId = session?.accountId ?? '';
    const known = grantId ? await provider.Grant.find(grantId) : undefined;
    const grant = known ?? new provider.Grant({ accountId, clientId: params['client_id'] ?? CLIENT });
    grant.addOIDCScope((prompt.details.missingOIDCScope ?? []).join(' ') || (params['scope'] ?? 'openid'));
    const id = await grant.save();
    const patient = launches.get(params['launch'] ?? '');
    if (patient !== undefined) patients.set(id, patient);
    const result = { consent: { grantId: id } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
  }

  async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const details = await provider.interactionDetails(request, response);
    const action = `/oauth/sign-in/${details.uid}`;
    if (details.prompt.name === 'consent') return consent(request, response);
    if (request.method !== 'POST') return sendPage(response, 200, loginPage(action, users, undefined));
    const form = new URLSearchParams((await readBody(request, 10_000)).toString('utf8'));
    const user = users.find((candidate) => candidate.username === form.get('username'));
    if (!user || user.password !== form.get('password')) {
      return sendPage(response, 401, loginPage(action, users, 'User name or password is wrong.'));
    }
    return provider.interactionFinished(request, response, { login: { accountId: user.username } });
  }

  /** Narrows the scopes where it is told to. oidc-provider drops `offline_access` unless consent is prompted for; SMART apps don't prompt. */
  function withConsent(path: string): string {
    const url = new URL(path, issuer);
    // As a server that grants parts of a wildcard does, which oidc-provider has no setting for.
    if (url.pathname === '/auth' && limit !== null) url.searchParams.set('scope', limit);
    const offline = url.searchParams.get('scope')?.split(' ').includes('offline_access');
    if (url.pathname === '/auth' && offline && !url.searchParams.has('prompt'))
      url.searchParams.set('prompt', 'consent');
    return url.pathname + url.search;
  }

  return {
    endpoints: {
      issuer,
      authorize: `${issuer}/auth`,
      token: `${issuer}/token`,
      revoke: `${issuer}/token/revocation`,
      introspect: `${issuer}/token/introspection`,
      jwks: `${issuer}/jwks`,
    },
    async handle(request, response) {
      const full = request.url ?? '/';
      const path = full.slice('/oauth'.length) || '/';
      try {
        if (path.startsWith('/sign-in/')) return await signIn(request, response);
      } catch {
        return sendPage(response, 400, loginPage('', [], 'This sign-in has expired. Start again in Wardlight.'));
      }
      // How connect and express tell a mounted handler where it stands; oidc-provider reads it.
      const rewritten = withConsent(path);
      Object.assign(request, { originalUrl: `/oauth${rewritten}`, url: rewritten });
      return callback(request, response);
    },
    async scopeOf(token) {
      const found = await provider.AccessToken.find(token);
      return found && !found.isExpired ? (found.scope ?? '') : undefined;
    },
    async userOf(token) {
      const found = await provider.AccessToken.find(token);
      return found && !found.isExpired ? users.find(({ username }) => username === found.accountId) : undefined;
    },
    offerLaunch(patientId) {
      const launch = randomBytes(16).toString('hex');
      launches.set(launch, patientId);
      return launch;
    },
    limitScopes(scopes) {
      limit = scopes;
    },
    async issueToken(username, scope) {
      const client = await provider.Client.find(CLIENT);
      const grant = new provider.Grant({ accountId: username, clientId: CLIENT });
      grant.addOIDCScope(scope);
      const grantId = await grant.save();
      return new provider.AccessToken({
        accountId: username,
        client,
        grantId,
        scope,
        gty: 'authorization_code',
      }).save();
    },
  };
}
