import { publishRevocations } from '../../main/documents/keys/directory.ts';
import type { FhirClient } from '../../main/fhir/client.ts';
import { misuse, needed, Refusal, type Secrets, serverOf, thumbprintOf, type Values } from './arguments.ts';
import { type Command, clientOf, type Outcome, opened, withKeys } from './command.ts';
import { hasKeys, makeOrganisation, type OrganisationKeys } from './organisation.ts';

/* Commands that make, turn and revoke keys. */

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long what an earlier signing key has signed counts, where nothing else is said. */
const EARLIER_DAYS = 90;

const noEcdh = () => new Refusal('ecdh-unavailable', 'P-384 keys are made in tokens of SoftHSM alone.');

export const init: Command = async (values, secrets) => {
  const folder = needed(values, 'keys');
  const kind = values.token;
  if (kind !== 'nss' && kind !== 'softhsm') throw misuse('--token: nss or softhsm.');
  if (values.ecdh && kind !== 'softhsm') throw noEcdh();
  if (hasKeys(folder)) throw new Refusal('keys-exist', 'There are keys in that folder already.');
  const pin = await secrets.askNew('PIN of the new token: ');
  makeOrganisation({ folder, pin, kind, issuer: values.issuer });
  return withKeys(folder, pin, async (keys) => {
    if (values.ecdh) keys.rotateEcdh();
    return pinned(keys);
  });
};

export const policy: Command = (values, secrets) => opened(values, secrets, async (keys) => pinned(keys));

export const rotate: Command = async (values, secrets, what) => {
  if (what === 'device') return revoke({ ...values, reason: SUPERSEDED }, secrets, what);
  if (what === 'signing') return rotateSigning(values, secrets);
  if (what !== 'organisation') throw misuse('rotate what? organisation, signing or device.');
  return opened(values, secrets, async (keys) => {
    if (!values.ecdh) keys.rotate();
    else if (!keys.rotateEcdh()) throw noEcdh();
    return pinned(keys);
  });
};

async function rotateSigning(values: Values, secrets: Secrets): Promise<Outcome> {
  const until = values.until === undefined ? Date.now() + EARLIER_DAYS * DAY_MS : Date.parse(values.until);
  if (!(until > Date.now())) throw misuse('--until: a date to come, as 2031-12-31.');
  return opened(values, secrets, async (keys) => {
    keys.prepareSigning(new Date(until).toISOString());
    const advice =
      'The new key does not sign yet. Put this into the policy of every workstation first; when all have it, run ' +
      '`npm run keys -- certify-all`, which puts the key in force.';
    return advised(pinned(keys), advice);
  });
}

/** Reason by which a workstation knows that it is to make a new pair, and isn't lost. */
const SUPERSEDED = 'superseded';

export const revoke: Command = async (values, secrets) => {
  const jti = thumbprintOf(values);
  return opened(values, secrets, async (keys) => {
    const fhir = await serverIn(values, secrets);
    keys.revoke([{ jti, at: new Date().toISOString(), reason: values.reason }], Date.now());
    const told = await published(keys, fhir);
    const ok = told ?? true;
    const text = ok ? 'revoked' : 'revoked, but not made known on the FHIR server';
    return { text, value: { ok, revoked: keys.revoked(), ...(told !== null && { published: told }) }, ok };
  });
};

/** A signing key that others may have. */
export const compromised: Command = async (values, secrets) => {
  const kid = thumbprintOf(values);
  return opened(values, secrets, async (keys) => {
    const fhir = await serverIn(values, secrets);
    if (!keys.compromise(kid, Date.now())) {
      throw new Refusal('key-unknown', 'That is no signing key of these; `policy` says their thumbprints.');
    }
    const told = await published(keys, fhir);
    const outcome = pinned(keys);
    const ok = told ?? true;
    const advice =
      'Put this into the policy of every workstation now: only then is the compromised key refused. Devices whose ' +
      'certificates it has signed have themselves certified anew at their next contact' +
      `${told === false ? '. The list of revoked keys was NOT made known on the FHIR server' : ''}.`;
    const value = { ...outcome.value, ok, ...(told !== null && { published: told }) };
    return { ...advised(outcome, advice), value, ok };
  });
};

function advised(outcome: Outcome, advice: string): Outcome {
  return { ...outcome, advice: `${advice}\n${outcome.advice}` };
}

/** The server that is named, before anything is changed; null where none is. */
async function serverIn(values: Values, secrets: Secrets): Promise<FhirClient | null> {
  return values.server === undefined ? null : clientOf(serverOf(values), secrets);
}

/** Makes the list of revoked keys known; null where nobody asked for that. */
async function published(keys: OrganisationKeys, fhir: FhirClient | null): Promise<boolean | null> {
  return fhir && (await publishRevocations(fhir, keys.revocations(Date.now()))).ok;
}

/** What goes into policy. */
function pinned(keys: OrganisationKeys): Outcome {
  const all = keys.wrapping();
  // All that stand in policy are recipients: the older ones open what is older without it.
  const ecdh = keys.ecdh().slice(0, 1);
  const documents = {
    organisation: all.map(({ publicKey }) => publicKey),
    organisationEcdh: ecdh.map(({ publicKey }) => publicKey),
    signingKeys: keys.signingKeys(),
  };
  const thumbprints = [...all, ...ecdh].map(({ thumbprint }) => thumbprint);
  const signing = keys.signing();
  // What is said by default is left out.
  const signingKeys = documents.signingKeys.map(({ key, until, compromised: isTaken }) => ({
    key,
    ...(isTaken ? { compromised: true } : until !== null && { until }),
  }));
  const text = JSON.stringify({ documents: { ...documents, signingKeys } }, null, 2);
  const advice = [
    'This goes into machine policy, beside what `documents` has of its own. Signing keys by their thumbprints:',
    ...(signing.next === null ? [] : [`  ${signing.next}  next`]),
    `  ${signing.inForce}  in force`,
    ...signing.earlier.map((kid) => `  ${kid}  earlier`),
  ].join('\n');
  return { text, value: { ok: true, ...documents, thumbprints, signing }, ok: true, advice };
}
