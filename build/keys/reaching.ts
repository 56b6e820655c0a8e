import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DirectoryError, publishRevocations } from '../../main/documents/keys/directory.ts';
import { exposureOf } from '../../main/documents/keys/exposure.ts';
import type { Exposure } from '../../main/documents/keys/types.ts';
import type { FhirClient } from '../../main/fhir/client.ts';
import { misuse, needed, Refusal, serverOf, thumbprintOf, type Values } from './arguments.ts';
import type { Progress } from './bulk.ts';
import { certifyAll } from './certify-all.ts';
import { type Command, clientOf, count, opened } from './command.ts';
import { rewrapAll } from './rewrap.ts';
import { teamsOf } from './team.ts';
import { searchableTypes } from './types.ts';
import { byKms, byToken, firstOf } from './unwrap.ts';

/* Commands that go through what a FHIR server has. */

export const rewrap: Command = (values, secrets) =>
  opened(values, secrets, async (keys) => {
    const fhir = await clientOf(serverOf(values), secrets);
    const done = await rewrapAll({
      fhir,
      keys,
      unwrap: firstOf([byToken(keys), ...(values.kms ? [await byKms(values.kms)] : [])]),
      teams: teamsOf(fhir, keys, Date.now),
      types: await typesOf(values, fhir),
      state: stateOf(values, 'rewrap.json'),
      onProgress: progress('wrapped anew'),
    });
    const { examined, changed: rewrapped, unchanged, failed, refused } = done;
    const ok = failed.length + refused.length === 0;
    const text = [
      `${count(examined, 'record')}: ${rewrapped} wrapped anew, ${unchanged} as they were, ${failed.length} failed`,
      ...notes(done),
    ].join('\n');
    return { text, value: { ok, examined, rewrapped, unchanged, failed, refused }, ok };
  });

export const certify: Command = (values, secrets) =>
  opened(values, secrets, async (keys) => {
    const fhir = await clientOf(serverOf(values), secrets);
    const turned = keys.turnSigning(Date.now());
    const published = (await publishRevocations(fhir, keys.revocations(Date.now()))).ok;
    const state = stateOf(values, 'certify-all.json');
    const done = await certifyAll({ fhir, keys, now: Date.now, state, onProgress: progress('signed anew') });
    const { examined, changed: certified, unchanged, left, failed } = done;
    const ok = failed.length === 0 && published;
    const text = [
      ...(turned ? ['the new signing key is in force'] : []),
      published ? 'list of revoked keys signed anew' : 'the list of revoked keys was NOT made known on the FHIR server',
      `${count(examined, 'certificate')}: ${certified} signed anew, ${unchanged} by the key in force already, ` +
        `${left.length} left as they are, ${failed.length} failed`,
      ...notes(done),
    ].join('\n');
    const value = { ok, turned, published, examined, certified, unchanged, left, failed, signing: keys.signing() };
    return { text, value, ok };
  });

/** A line where there is something new to say: most types have nothing in them. */
function progress(what: string): (done: Progress) => void {
  let last = -1;
  return ({ examined, changed, failed }) => {
    if (examined !== last) {
      process.stderr.write(`${examined} looked at, ${changed} ${what}, ${failed.length} failed\n`);
    }
    last = examined;
  };
}

/** A line for each record of which something is to be said, and for each search that was refused. */
function notes({ left, failed, refused }: Progress): string[] {
  const records = [...failed, ...left].map(({ type, id, code }) => `  ${type}/${id}: ${code}`);
  const codes = [...new Set(refused.map(({ code }) => code))];
  const searches = codes.map((code) => {
    const passes = refused.filter((one) => one.code === code).map(({ pass }) => pass);
    return `not searched (${code}), name others by --type: ${passes.join(' ')}`;
  });
  return [...records, ...searches];
}

const stateOf = (values: Values, name: string) => values.state ?? join(needed(values, 'keys'), name);

function typesOf({ type }: Values, fhir: FhirClient): Promise<readonly string[]> | readonly string[] {
  if (type?.some((one) => !/^[A-Z][A-Za-z]+$/.test(one))) throw misuse('--type: a type of resource.');
  return type ?? searchableTypes(fhir);
}

export const exposure: Command = async (values, secrets) => {
  const thumbprint = thumbprintOf(values);
  const granted = grantedTo(thumbprint, values.log);
  const fhir = await clientOf(serverOf(values), secrets);
  const found = await exposureOf(fhir, thumbprint, { types: await typesOf(values, fhir), granted });
  if (!found.ok) throw new Refusal(found.error.code, EXPOSURE[found.error.code]);
  const { unknown, fields } = found.value;
  const ok = unknown.length + fields.unknown.length + fields.refused.length === 0;
  return { text: exposureText(found.value), value: { ok, ...found.value }, ok };
};

const EXPOSURE: Readonly<Record<DirectoryError, string>> = {
  'directory-refused':
    'The FHIR server does not take the access token, or does not allow DocumentReference to be read by it.',
  'directory-unreachable': 'The FHIR server did not answer. Nothing is known yet: run it again.',
  cancelled: 'It was stopped.',
};

function exposureText({ documents, examined, unknown, fields }: Exposure): string {
  const formerly = (isCurrent: boolean) => (isCurrent ? '' : ' (no longer a recipient)');
  return [
    `${documents.length} of ${count(examined, 'document')} could be opened with that key`,
    ...documents.map(({ id, patient, current }) => `  DocumentReference/${id}  ${patient ?? ''}${formerly(current)}`),
    ...unknown.map((id) => `  DocumentReference/${id}  unknown`),
    `${fields.records.length} of ${count(fields.examined, 'record')} with sealed fields could be opened with that key`,
    ...fields.records.map(
      ({ type, id, patient, paths, current, isWhole }) =>
        `  ${type}/${id}  ${patient ?? ''}  ${paths.join(', ')}${formerly(current)}` +
        `${isWhole ? '' : '; of others it is unknown'}`,
    ),
    ...fields.unknown.map((name) => `  ${name}  unknown`),
    ...(fields.refused.length > 0 ? [`not searched, name others by --type: ${fields.refused.join(' ')}`] : []),
  ].join('\n');
}

interface Decision {
  readonly request?: string;
  readonly decision?: string;
  readonly key?: string;
  readonly document?: string;
  readonly record?: string;
}

/** Pseudonyms of the documents, and of the records whose fields, the service has wrapped for a key. */
function grantedTo(thumbprint: string, log: string | undefined): ReadonlySet<string> {
  if (log === undefined) return new Set();
  const decisions = decisionsIn(log);
  const granted = decisions.filter(
    ({ request, decision, key }) =>
      ['rewrap', 'rewrap-field'].includes(request ?? '') && decision?.startsWith('granted') && key === thumbprint,
  );
  return new Set(granted.flatMap(({ document, record }) => document ?? record ?? []));
}

/** @throws Refusal `log-unreadable`: what it would have told is missing otherwise, and nobody would know */
function decisionsIn(log: string): Decision[] {
  try {
    const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Decision);
  } catch {
    throw new Refusal('log-unreadable', '--log: there is no such file, or a line of it is no JSON.');
  }
}
