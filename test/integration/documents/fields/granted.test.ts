import { base64url, type GeneralJWE } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Access } from '../../../../main/access/access.ts';
import type { AuditEntry } from '../../../../main/audit/events/entry.ts';
import type { FieldContext } from '../../../../main/documents/fields/context.ts';
import { createReveal } from '../../../../main/documents/fields/reveal.ts';
import { sealFields } from '../../../../main/documents/fields/seal.ts';
import { pseudonymOf } from '../../../../main/documents/keys/pseudonym.ts';
import type { Recipient } from '../../../../main/documents/types.ts';
import { seesAll } from '../../cache/support.ts';
import { must, openSite, openWorkstation, type Site, sharedPairs, type Workstation } from '../keys/support.ts';
import { mark, openMarked, wrapping } from './support.ts';

/* A field that was sealed before this device was there, opened through the organisation's key service. */

let site: Site;
let forOrganisation: Recipient;

beforeAll(async () => {
  site = await openSite();
  const { thumbprint = '', publicKey = '' } = site.keys.organisation.wrapping()[0] ?? {};
  forOrganisation = { kind: 'rsa', thumbprint, publicKey };
});
afterAll(() => site.stop());

const named = (field: 'patient' | 'author' | 'record', value: string) =>
  pseudonymOf(site.keys.organisation.contextKey(), field, value);
const contextFor = (patient: string): FieldContext => ({
  v: '1',
  type: 'Observation',
  record: named('record', 'Observation/o'),
  patient: named('patient', `Patient/${patient}`),
  author: named('author', 'Practitioner/dev-osei'),
  role: 'unknown',
  purpose: 'TREAT',
  policy: '7',
  created: '2026-03-01T10:00:00.000Z',
});
const fields = [mark('Observation', 'value')];

interface Sealed {
  _valueString: { extension: { valueBase64Binary: string }[] };
}

/** An Observation of a patient, sealed for the organisation alone; `change` is what somebody does to its JWE. */
async function sealed(patient: string, change = (jwe: GeneralJWE) => jwe): Promise<string> {
  const subject = { reference: `Patient/${patient}` };
  const plain = { resourceType: 'Observation', id: 'o', status: 'final', subject, valueString: 'CANARY positive' };
  const sealing = { fields, recipients: [forOrganisation], context: contextFor(patient) };
  const record = JSON.parse(must(await sealFields(JSON.stringify(plain), sealing))) as Sealed;
  const carrier = record._valueString.extension[1]!;
  const jwe = JSON.parse(Buffer.from(carrier.valueBase64Binary, 'base64').toString()) as GeneralJWE;
  carrier.valueBase64Binary = Buffer.from(JSON.stringify(change(jwe))).toString('base64');
  return JSON.stringify(record);
}

const jweOf = (record: string) =>
  Buffer.from((JSON.parse(record) as Sealed)._valueString.extension[1]?.valueBase64Binary ?? '', 'base64').toString();

const inHeader = (of: Partial<FieldContext>) => (jwe: GeneralJWE) => {
  const header = JSON.parse(Buffer.from(base64url.decode(jwe.protected ?? '')).toString());
  const other = { ...header, ctx: { ...header.ctx, ...of } };
  return { ...jwe, protected: base64url.encode(JSON.stringify(other)) };
};

interface Differences {
  readonly emergency?: boolean;
  readonly allowed?: boolean;
  readonly auditFails?: boolean;
}

/** Reveals the field of a record, on a workstation that has it in its cache. */
async function reveal(one: Workstation, record: string, patientId: string, differences: Differences = {}) {
  const { emergency = false, allowed = true, auditFails = false } = differences;
  const station = openMarked(fields);
  station.learn(JSON.stringify({ resourceType: 'Patient', id: patientId }), record);
  const recorded: AuditEntry[] = [];
  const decided = { grounds: {}, sight: seesAll.sight, basis: emergency ? { purpose: 'BTG', emergency } : {} };
  const fieldsOf = createReveal({
    access: {
      decide: async () => ({ ...decided, allowed, reason: 'policy', holds: () => true }),
    } as unknown as Pick<Access, 'decide'>,
    audit: {
      async record(entries) {
        recorded.push(...[entries].flat());
        return auditFails ? { ok: false, error: { code: 'audit-unavailable' } } : { ok: true, value: undefined };
      },
    },
    cache: {
      read: {
        subject: async (args) => station.read.subject(args),
        field: async (args) => station.read.field(args),
      },
      outbox: {
        resolveId: async ({ id }) => id,
        get: async () => null,
        subjects: async () => ({}),
        conflictElement: async () => null,
      },
    },
    wrapping,
    keys: () => one.keys,
    practitioner: 'Practitioner/x',
    server: 'https://e.org',
  });
  const answer = await fieldsOf.revealField({ patientId, type: 'Observation', id: 'o', path: 'value' });
  return { answer, recorded };
}

async function ready(user: string, start: number, network?: Parameters<typeof openWorkstation>[2]) {
  const one = await openWorkstation(site, user, { pairs: sharedPairs(start), ...network });
  expect(await one.keys.refresh()).toEqual({ ok: true, value: null });
  return one;
}

const shown = { ok: true, value: { texts: ['CANARY positive'] } };
const refused = (code: string) => ({ ok: false, error: { code } });
const last = () => site.keys.decisions.at(-1);
const isAsked = ({ asked }: Workstation) => asked.includes('POST /rewrap-field');

test('opens for a nurse of the care team whose device was enrolled later', async () => {
  const lindqvist = await ready('lindqvist', 0);
  const { answer, recorded } = await reveal(lindqvist, await sealed('p1'), 'p1');
  expect(answer).toEqual(shown);
  expect(last()).toMatchObject({
    request: 'rewrap-field',
    practitioner: 'Practitioner/dev-lindqvist',
    decision: 'granted',
    record: named('record', 'Observation/o'),
    patient: named('patient', 'Patient/p1'),
  });
  const { thumbprint } = must(await lindqvist.keys.ready());
  expect(recorded).toMatchObject([{ action: 'decrypt', encryption: { keyId: thumbprint } }]);
});

test('security: opens for nobody who is on no care team of the patient; the refusal is logged by pseudonyms', async () => {
  const locum = await ready('locum', 1);
  const { answer, recorded } = await reveal(locum, await sealed('p1'), 'p1');
  expect(answer).toEqual(refused('key-service-refused'));
  expect(recorded).toMatchObject([{ action: 'read', details: { code: 'key-service-refused' } }]);
  expect(last()).toMatchObject({ decision: 'not-on-care-team', patient: named('patient', 'Patient/p1') });
  expect(JSON.stringify(site.keys.decisions)).not.toMatch(/CANARY|Patient\/|"p[12]"/);
});

test('opens in an emergency that the clinician has declared, which stands out in both records', async () => {
  const locum = await ready('locum', 1);
  const { answer, recorded } = await reveal(locum, await sealed('p2'), 'p2', { emergency: true });
  expect(answer).toEqual(shown);
  expect(last()).toMatchObject({ decision: 'granted-in-emergency', practitioner: 'Practitioner/dev-locum' });
  expect(recorded).toMatchObject([{ action: 'decrypt', emergency: true }]);
});

test('security: a field whose header was exchanged for that of another patient gets no key', async () => {
  const lindqvist = await ready('lindqvist', 0);
  // She cares for p1, the field is of p2.
  const exchanged = await sealed('p2', inHeader({ patient: named('patient', 'Patient/p1') }));
  const moved = exchanged.replace('Patient/p2', 'Patient/p1');
  const { answer } = await reveal(lindqvist, moved, 'p1');
  expect(answer).toEqual(refused('key-service-refused'));
  expect(last()).toMatchObject({ decision: 'header-not-genuine' });
  expect(last()).not.toHaveProperty('patient');
  const asked = async (change: (jwe: GeneralJWE) => GeneralJWE) => {
    const told = await lindqvist.keys.rewrapField(jweOf(await sealed('p1', change)));
    return told.ok ? 'granted' : last()?.decision;
  };
  expect(await asked((jwe) => jwe)).toBe('granted');
  expect(await asked(({ tag = '', ...jwe }) => ({ ...jwe, tag: tag.slice(0, 6) }))).toBe('header-not-genuine');
  expect(await asked(({ ciphertext, ...jwe }) => ({ ...jwe, ciphertext: `AAAA${ciphertext.slice(4)}` }))).toBe(
    'header-not-genuine',
  );
  expect(await asked((jwe) => ({ ...jwe, recipients: [{ ...jwe.recipients[0], header: { kid: 'x' } }] }))).toBe(
    'not-a-recipient',
  );
  expect(await asked((jwe) => ({ ...jwe, unprotected: {} }) as GeneralJWE)).toBe('header-invalid');
});

test('security: a field of another patient is refused before anybody is asked', async () => {
  const lindqvist = await ready('lindqvist', 0);
  const moved = (await sealed('p2')).replace('Patient/p2', 'Patient/p1');
  expect((await reveal(lindqvist, moved, 'p1')).answer).toEqual(refused('field-context-mismatch'));
  const denied = await reveal(lindqvist, await sealed('p1'), 'p1', { allowed: false });
  expect(denied.answer).toEqual(refused('not-permitted'));
  expect(isAsked(lindqvist)).toBe(false);
});

test('says that the service can’t be reached, and that its answer can’t be used', async () => {
  const record = await sealed('p1');
  const answering = async (respond: (response: Response) => Promise<Response>) => {
    const one = await ready('lindqvist', 0, {
      network: async (request, pass) =>
        request.url.endsWith('rewrap-field') ? respond(await pass(request)) : pass(request),
    });
    return (await reveal(one, record, 'p1')).answer;
  };
  const cut = () => Promise.reject(new TypeError('network'));
  expect(await answering(cut)).toEqual(refused('key-service-unreachable'));
  const wrong = async (response: Response, more: object) =>
    Response.json({ ...((await response.json()) as object), ...more });
  expect(await answering((response) => wrong(response, { kid: 'another' }))).toEqual(
    refused('key-service-answer-invalid'),
  );
  expect(await answering((response) => wrong(response, { encrypted_key: 'AAAA' }))).toEqual(
    refused('key-service-answer-invalid'),
  );
});

test('security: is not shown where that can’t be recorded', async () => {
  const lindqvist = await ready('lindqvist', 0);
  const { answer, recorded } = await reveal(lindqvist, await sealed('p1'), 'p1', { auditFails: true });
  expect(recorded).toMatchObject([{ action: 'decrypt' }]);
  expect(answer).toEqual(refused('audit-unavailable'));
});

test('security: a device whose key was revoked opens nothing', async () => {
  const osei = await ready('osei', 2);
  const { thumbprint } = must(await osei.keys.ready());
  site.keys.revoke([thumbprint], 'lost');
  expect((await reveal(osei, await sealed('p1'), 'p1')).answer).toEqual(refused('key-revoked'));
});
