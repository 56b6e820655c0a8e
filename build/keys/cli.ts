import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { storeErrorOf } from '../../main/cache/store-error.ts';
import { publishRevocations } from '../../main/documents/keys/directory.ts';
import { exposureOf } from '../../main/documents/keys/exposure.ts';
import { createFhirClient, type FhirClient } from '../../main/fhir/client.ts';
import { createSecrets, needed, Refusal, readArguments, type Secrets, USAGE, type Values } from './arguments.ts';
import { hasKeys, makeOrganisation, type OrganisationKeys, openOrganisation } from './organisation.ts';
import { rewrapAll } from './rewrap.ts';
import { ServerFailure, teamsOf } from './team.ts';
import { byKms, byToken, firstOf } from './unwrap.ts';

/* `npm run keys`: the organisation's own tool. It speaks to the token, and is no part of the packaged program. */

interface Outcome {
  readonly text: string;
  readonly value: object;
  readonly ok: boolean;
}

type Command = (values: Values, secrets: Secrets, what: string | undefined) => Promise<Outcome>;

const commands: Readonly<Record<string, Command>> = {
  async init(values, secrets) {
    const folder = needed(values.keys);
    const kind = values.token;
    if (kind !== 'nss' && kind !== 'softhsm') throw new Refusal('usage', USAGE);
    if (values.ecdh && kind !== 'softhsm') throw noEcdh();
    if (hasKeys(folder)) throw new Refusal('keys-exist', 'There are keys in that folder already.');
    const pin = await secrets.ask('PIN of the new token: ');
    makeOrganisation({ folder, pin, kind, issuer: values.issuer });
    return withKeys(folder, pin, async (keys) => {
      if (values.ecdh) keys.rotateEcdh();
      return pinned(keys);
    });
  },
  policy: (values, secrets) => opened(values, secrets, async (keys) => pinned(keys)),
  async rotate(values, secrets, what) {
    if (what === 'device') return revoke({ ...values, reason: SUPERSEDED }, secrets);
    if (what !== 'organisation') throw new Refusal('usage', USAGE);
    return opened(values, secrets, async (keys) => {
      if (!values.ecdh) keys.rotate();
      else if (!keys.rotateEcdh()) throw noEcdh();
      return pinned(keys);
    });
  },
  revoke,
  rewrap: (values, secrets) =>
    opened(values, secrets, async (keys) => {
      const fhir = await clientOf(needed(values.server), secrets);
      const known = {
        fhir,
        keys,
        unwrap: firstOf([byToken(keys), ...(values.kms ? [await byKms(values.kms)] : [])]),
        teams: teamsOf(fhir, keys, Date.now),
        state: values.state ?? join(needed(values.keys), 'rewrap.json'),
      };
      const done = await rewrapAll({
        ...known,
        onProgress: ({ examined, rewrapped, failed }) =>
          process.stderr.write(`${examined} looked at, ${rewrapped} wrapped anew, ${failed.length} not\n`),
      });
      const { examined, rewrapped, unchanged, failed } = done;
      const ok = failed.length === 0;
      const lines = failed.map(({ id, code }) => `DocumentReference/${id}: ${code}`);
      const text = [`${examined} documents: ${rewrapped} wrapped anew, ${unchanged} as they were`, ...lines].join('\n');
      return { text, value: { ok, examined, rewrapped, unchanged, failed }, ok };
    }),
  async exposure(values, secrets) {
    const thumbprint = needed(values.key);
    const fhir = await clientOf(needed(values.server), secrets);
    const found = await exposureOf(fhir, thumbprint, { granted: grantedTo(thumbprint, values.log) });
    if (!found.ok) throw new Refusal(found.error.code, 'The FHIR server did not answer as it should.');
    const { documents, examined, unknown } = found.value;
    const ok = unknown.length === 0;
    const lines = documents.map(
      ({ id, patient, current }) => `DocumentReference/${id} ${patient ?? ''}${current ? '' : ' (formerly)'}`,
    );
    const text = [
      `${documents.length} of ${examined} documents`,
      ...lines,
      ...unknown.map((id) => `${id}: unknown`),
    ].join('\n');
    return { text, value: { ok, documents, examined, unknown }, ok };
  },
};

const noEcdh = () => new Refusal('ecdh-unavailable', 'P-384 keys are made in tokens of SoftHSM alone.');

/** Reason by which a workstation knows that it is to make a new pair, and isn't lost. */
const SUPERSEDED = 'superseded';

async function revoke(values: Values, secrets: Secrets): Promise<Outcome> {
  const jti = needed(values.key);
  if (!/^[A-Za-z0-9_-]{43}$/.test(jti)) throw new Refusal('usage', USAGE);
  return opened(values, secrets, async (keys) => {
    const fhir = values.server === undefined ? null : await clientOf(values.server, secrets);
    keys.revoke([{ jti, at: new Date().toISOString(), reason: values.reason }], Date.now());
    const told = fhir && (await publishRevocations(fhir, keys.revocations(Date.now())));
    const ok = told?.ok ?? true;
    const text = ok ? 'revoked' : 'revoked, but not made known on the FHIR server';
    return { text, value: { ok, revoked: keys.revoked(), ...(told && { published: told.ok }) }, ok };
  });
}

async function opened(
  values: Values,
  secrets: Secrets,
  work: (keys: OrganisationKeys) => Promise<Outcome>,
): Promise<Outcome> {
  const folder = needed(values.keys);
  if (!hasKeys(folder)) throw new Refusal('keys-missing', 'There are no keys in that folder.');
  return withKeys(folder, await secrets.ask('PIN of the token: '), work);
}

async function withKeys(
  folder: string,
  pin: string,
  work: (keys: OrganisationKeys) => Promise<Outcome>,
): Promise<Outcome> {
  const keys = openedBy(folder, pin);
  try {
    return await work(keys);
  } finally {
    keys.close();
  }
}

function openedBy(folder: string, pin: string): OrganisationKeys {
  try {
    return openOrganisation({ folder, pin });
  } catch (error) {
    const isWrong = error instanceof Error && /PIN/.test(error.message);
    throw isWrong ? new Refusal('pin-wrong', 'The token does not open with that PIN.') : error;
  }
}

function pinned(keys: OrganisationKeys): Outcome {
  const all = keys.wrapping();
  const organisation = all.map(({ publicKey }) => publicKey);
  // All that stand in policy are recipients: the older ones open what is older without it.
  const ecdh = keys.ecdh().slice(0, 1);
  const organisationEcdh = ecdh.map(({ publicKey }) => publicKey);
  const { signingKey } = keys;
  const text = [...organisation, ...organisationEcdh, signingKey].join('');
  const thumbprints = [...all, ...ecdh].map(({ thumbprint }) => thumbprint);
  return { text, value: { ok: true, organisation, organisationEcdh, signingKey, thumbprints }, ok: true };
}

function codeOf(error: unknown): string {
  if (error instanceof Refusal || error instanceof ServerFailure) return error.code;
  return storeErrorOf(error) === 'disk-full' ? 'disk-full' : 'failed';
}

async function clientOf(server: string, secrets: Secrets): Promise<FhirClient> {
  const token = await secrets.ask('Access token of the FHIR server: ');
  return createFhirClient({
    base: server,
    fetch,
    accessToken: async () => ({ ok: true, value: token }),
    requestId: randomUUID,
    retry: { wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)), random: Math.random },
  });
}

/** Pseudonyms of the documents whose data keys the service has wrapped for a key. */
function grantedTo(thumbprint: string, log: string | undefined): ReadonlySet<string> {
  if (log === undefined) return new Set();
  const decisions = readFileSync(log, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { request?: string; decision?: string; key?: string; document?: string });
  const granted = decisions.filter(
    (one) => one.request === 'rewrap' && one.decision?.startsWith('granted') && one.key === thumbprint,
  );
  return new Set(granted.flatMap(({ document }) => document ?? []));
}

async function main(): Promise<void> {
  const json = process.argv.includes('--json');
  const secrets = createSecrets();
  try {
    const { values, positionals } = readArguments();
    const [name = '', what] = positionals;
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) throw new Refusal('usage', USAGE);
    const { text, value, ok } = await command(values, secrets, what);
    process.stdout.write(`${json ? JSON.stringify(value) : text}\n`);
    process.exitCode = ok ? 0 : 1;
  } catch (error) {
    const code = codeOf(error);
    const message = error instanceof Refusal ? error.message : 'It did not end well; it can be done again.';
    if (json) process.stdout.write(`${JSON.stringify({ ok: false, code })}\n`);
    process.stderr.write(`${code}: ${message}\n`);
    process.exitCode = code === 'usage' ? 2 : 1;
  } finally {
    secrets.close();
  }
}

await main();
