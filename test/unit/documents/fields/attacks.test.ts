import { FlattenedEncrypt, type FlattenedJWE, type GeneralJWE, importSPKI } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SealedContext } from '../../../../main/documents/fields/context.ts';
import { openFields } from '../../../../main/documents/fields/open.ts';
import { sealFields } from '../../../../main/documents/fields/seal.ts';
import { context, expected, newPair, type Pair } from './keys.ts';

/* What a server, or who sits between, may do to a field that it can't read. Nothing of it is ever opened. */

let mine: Pair;
let other: Pair;

beforeAll(async () => {
  [mine, other] = await Promise.all([newPair(), newPair()]);
});

const observation = JSON.stringify({
  resourceType: 'Observation',
  id: '1',
  status: 'final',
  valueString: 'positive',
  note: [{ text: 'secret' }],
});

interface Masked {
  extension: { url: string; valueBase64Binary: string }[];
}
type Shape = Record<string, unknown> & { _valueString: Masked; note: { _text: Masked }[] };

async function sealed(of: Partial<SealedContext> = {}, recipient = mine.recipient): Promise<Shape> {
  const fields = ['value', 'note.text'].map((path) => ({ type: 'Observation', path, label: null }));
  const answer = await sealFields(observation, { fields, recipients: [recipient], context: { ...context, ...of } });
  if (!answer.ok) throw new Error(answer.error.code);
  return JSON.parse(answer.value);
}

const carrier = ({ _valueString: { extension } }: Shape) => extension[1] as { valueBase64Binary: string };
const jweOf = (resource: Shape) => JSON.parse(Buffer.from(carrier(resource).valueBase64Binary, 'base64').toString());

/** The record with another JWE in the place of its value. */
function withValue(resource: Shape, jwe: unknown): Shape {
  carrier(resource).valueBase64Binary = Buffer.from(JSON.stringify(jwe)).toString('base64');
  return resource;
}

const open = (resource: unknown, of: Partial<typeof expected & { policy: string }> = {}) =>
  openFields(JSON.stringify(resource), [mine.jwk], { ...expected, ...of });

async function forged(header: Record<string, unknown>): Promise<FlattenedJWE> {
  const key = await importSPKI(mine.recipient.publicKey, 'RSA-OAEP-256');
  return new FlattenedEncrypt(Buffer.from('{"value":"forged"}'))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', ...header })
    .encrypt(key);
}

function asGeneral({ encrypted_key: share = '', header: _none, ...jwe }: FlattenedJWE): GeneralJWE {
  return { ...jwe, recipients: [{ encrypted_key: share, header: { kid: mine.recipient.thumbprint } }] } as GeneralJWE;
}

const protectedOf = (header: object) => Buffer.from(JSON.stringify(header)).toString('base64url');
const flipped = (text: string) => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;

describe('security: a sealed field', () => {
  it.each([
    ['another record', { record: 'hmac-of-observation-2' }, ['record']],
    ['another patient', { patient: 'hmac-of-patient-2' }, ['patient']],
    ['another type of record', { type: 'Condition' }, ['type']],
    ['another record of another patient', { record: 'x', patient: 'y' }, ['record', 'patient']],
  ] as const)('of %s is refused by name', async (_what, of, differs) => {
    const spliced = withValue(await sealed(), jweOf(await sealed(of)));
    expect(await open(spliced)).toEqual({ ok: false, error: { code: 'field-context-mismatch', differs } });
  });

  it('of another element is refused', async () => {
    const resource = await sealed();
    const [note] = resource.note;
    const moved = JSON.parse(Buffer.from(note?._text.extension[1]?.valueBase64Binary ?? '', 'base64').toString());
    expect(await open(withValue(resource, moved))).toEqual({
      ok: false,
      error: { code: 'field-context-mismatch', differs: ['path'] },
    });
  });

  it('of another version of the policy is refused where one is asked for', async () => {
    const older = withValue(await sealed(), jweOf(await sealed({ policy: '6' })));
    expect(await open(older, { policy: '7' })).toMatchObject({ error: { differs: ['policy'] } });
    expect(await open(older)).toMatchObject({ ok: true });
  });

  it('with a context that was rewritten is damaged', async () => {
    const jwe = jweOf(await sealed({ patient: 'hmac-of-patient-2' }));
    const header = JSON.parse(Buffer.from(jwe.protected, 'base64url').toString());
    const rewritten = { ...header, ctx: { ...header.ctx, patient: context.patient } };
    const resource = withValue(await sealed(), { ...jwe, protected: protectedOf(rewritten) });
    expect(await open(resource)).toEqual({ ok: false, error: { code: 'field-damaged' } });
  });

  it.each(['ciphertext', 'iv', 'tag'])('with a changed %s is damaged', async (name) => {
    const resource = await sealed();
    const jwe = jweOf(resource);
    expect(await open(withValue(resource, { ...jwe, [name]: flipped(jwe[name]) }))).toEqual({
      ok: false,
      error: { code: 'field-damaged' },
    });
  });

  it('with a changed or exchanged share of the key is damaged', async () => {
    const [resource, another] = [await sealed(), await sealed()];
    const jwe = jweOf(resource);
    const [share] = jwe.recipients;
    const shares = [
      { ...share, encrypted_key: flipped(share.encrypted_key) },
      { ...share, encrypted_key: '' },
      jweOf(another).recipients[0],
    ];
    for (const one of shares) {
      expect(await open(withValue(resource, { ...jwe, recipients: [one] }))).toMatchObject({
        error: { code: 'field-damaged' },
      });
    }
  });

  it('for others only says so, and so does one whose share was taken out', async () => {
    const foreign = await sealed({}, other.recipient);
    expect(await open(foreign)).toEqual({ ok: false, error: { code: 'field-not-recipient' } });
    const resource = await sealed();
    expect(await open(withValue(resource, { ...jweOf(resource), recipients: [] }))).toMatchObject({
      error: { code: 'field-not-recipient' },
    });
  });

  it.each([
    ['dir', { alg: 'dir' }],
    ['RSA1_5', { alg: 'RSA1_5' }],
    ['RSA-OAEP with SHA-1', { alg: 'RSA-OAEP' }],
    ['none', { alg: 'none' }],
    ['128 bits', { enc: 'A128GCM' }],
    ['CBC', { enc: 'A256CBC-HS512' }],
    ['compression', { zip: 'DEF' }],
    ['a critical header', { crit: ['exp'] }],
    ['another type of token', { typ: 'JWT' }],
  ] as const)('by %s is refused before it is tried', async (_what, header) => {
    const resource = await sealed();
    const jwe = jweOf(resource);
    const own = JSON.parse(Buffer.from(jwe.protected, 'base64url').toString());
    expect(await open(withValue(resource, { ...jwe, protected: protectedOf({ ...own, ...header }) }))).toEqual({
      ok: false,
      error: { code: 'field-algorithm-refused' },
    });
  });

  it('whose algorithm stands in a header that is not protected is refused', async () => {
    const resource = await sealed();
    const jwe = jweOf(resource);
    const [share] = jwe.recipients;
    const header = { ...share.header, alg: 'RSA1_5' };
    expect(await open(withValue(resource, { ...jwe, recipients: [{ ...share, header }] }))).toMatchObject({
      error: { code: 'field-algorithm-refused' },
    });
    expect(await open(withValue(resource, { ...jwe, unprotected: { alg: 'dir' } }))).toMatchObject({
      error: { code: 'field-damaged' },
    });
  });

  it('without a context, or with a part of one, is damaged', async () => {
    const { path: _path, ...part } = { ...context, path: 'valueString' };
    for (const ctx of [undefined, 'x', part, { ...context, path: 'valueString', more: 'x' }]) {
      const jwe = asGeneral(await forged({ typ: 'wardlight-field', ctx }));
      expect(await open(withValue(await sealed(), jwe))).toMatchObject({ error: { code: 'field-damaged' } });
    }
  });

  it.each(['', 'null', '[]', '{}', '"x"', '{"recipients":{}}', '\u0000'])('that is %j is damaged', async (text) => {
    const resource = await sealed();
    carrier(resource).valueBase64Binary = Buffer.from(text).toString('base64');
    expect(await open(resource)).toMatchObject({ error: { code: 'field-damaged' } });
  });

  it('for more recipients than anybody has costs nothing', async () => {
    const resource = await sealed();
    const jwe = jweOf(resource);
    const recipients = Array.from({ length: 257 }, () => jwe.recipients[0]);
    expect(await open(withValue(resource, { ...jwe, recipients }))).toMatchObject({ error: { code: 'field-damaged' } });
  });

  it('that cannot be opened keeps the others closed', async () => {
    const resource = await sealed();
    const answer = await open(withValue(resource, jweOf(await sealed({ record: 'x' }))));
    expect(JSON.stringify(answer)).not.toMatch(/secret|positive/);
  });
});
