import { hostname } from 'node:os';
import { createEnrolment } from '../audit/enrolment/enrolment.ts';
import type { Cache } from '../cache/client.ts';
import { createBulkClient } from '../fhir/bulk.ts';
import { confirmToken, contactServer } from '../identity/contact.ts';
import { createWorkstationDevice } from '../identity/device.ts';
import type { Profile } from '../identity/profiles.ts';
import { createRevocation } from '../identity/revocation.ts';
import { createGrant } from '../identity/scopes.ts';
import { withContacts } from '../identity/server-contact.ts';
import { createTokenHolder } from '../identity/tokens.ts';
import { createRunTimers } from '../sync/sync.ts';
import type { Around } from './around.ts';
import { fhirClients } from './servers.ts';

/** Where the cache keeps what the server has granted last. */
const GRANT = 'identity.scope';

export type ProfileServer = Awaited<ReturnType<typeof composeProfileServer>>;

/** The server of a profile that is open: who this is to it, what it grants, and whether it has revoked. */
export async function composeProfileServer(around: Around, profile: Profile, cache: Cache) {
  const { log, now, newId, after, workstation, audit, leases, session } = around;
  const { fetch, smart, clientWith, refreshTokens } = around.servers;
  const { server } = profile;
  const grant = await createGrant({
    get: async () => (await cache.read.getMeta({ key: GRANT })) || null,
    set: (value) => cache.write.setMeta({ key: GRANT, value }),
  });
  const device = createWorkstationDevice({ scopes: grant, workstation, name: `Wardlight on ${hostname()}` });
  const revocation = createRevocation({
    server,
    clientFor: clientWith(server),
    scopes: grant,
    workstation,
    device,
    onWipe: (order) => void session().wipe(order),
  });
  const tokens = createTokenHolder({
    smart,
    server,
    now,
    grant,
    confirm: (token) => confirmToken(revocation, token),
    store: refreshTokens(profile.id),
  });
  const { createFhirClient } = await fhirClients();
  const retry = { wait: createRunTimers({ now, after }).wait, random: Math.random };
  const accessToken = (refused?: string) => tokens.access(refused);
  const client = createFhirClient({ base: server, fetch, accessToken, requestId: newId, retry });
  const enrolment = createEnrolment({
    audit,
    fhir: client,
    device,
    scopes: grant,
    monotonic: () => performance.now(),
    onState: (code) => log.info('audit.enrolment', { code }),
  });
  const fhir = withContacts(client, (serverTime) => void leases().renew(profile.id, serverTime));
  const bulk = createBulkClient({ base: server, fetch, accessToken, requestId: newId, after });
  return { grant, tokens, accessToken, fhir, bulk, enrolment, contact: () => contactServer(tokens, revocation) };
}
