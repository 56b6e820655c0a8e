import fc from 'fast-check';
import { calculateJwkThumbprint, generalDecrypt, importJWK } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { isIdentical, readResource } from '../../../../main/cache/outbox/content.ts';
import { openText, sealingKeys, sealText } from '../../../../main/documents/fields/jwe.ts';
import { openFields } from '../../../../main/documents/fields/open.ts';
import { sealFields } from '../../../../main/documents/fields/seal.ts';
import { faultsByOthers } from '../../../support/valid.ts';
import { context, expected, newPair, type Pair } from './keys.ts';

let mine: Pair;
let organisation: Pair;
let weak: Pair;

beforeAll(async () => {
  [mine, organisation, weak] = await Promise.all([newPair(), newPair(), newPair(2_048)]);
});

const mark = (path: string, label: string | null = null, type = 'Observation') => ({ type, path, label });

async function sealed(text: string, paths: readonly string[], of = context): Promise<string> {
  const recipients = [organisation.recipient, mine.recipient];
  const fields = paths.map((path) => mark(path, null, of.type));
  const answer = await sealFields(text, { fields, recipients, context: of });
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.value;
}

async function opened(text: string, keys = [mine.jwk]): Promise<string> {
  const answer = await openFields(text, keys, expected);
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.value;
}

const observation = `{"resourceType":"Observation","id":"1","status":"final","meta":{"versionId":"3"},
  "text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">CANARY-narrative</div>"},
  "code":{"coding":[{"system":"http://loinc.org","code":"75622-1","display":"CANARY-code"}]},
  "subject":{"reference":"Patient/1"},
  "valueQuantity":{"value":1.50,"unit":"CANARY-unit"},
  "note":[{"text":"CANARY-first"},{"text":"CANARY-second","_text":{"id":"a"}},{"authorString":"nobody"}],
  "component":[{"code":{"text":"CANARY-part"},"valueString":"CANARY-value"}]}`;
const everywhere = ['code', 'value', 'note.text', 'component'];

describe('fields of a record that are sealed', () => {
  it('are open again to the digit, for each recipient', async () => {
    const text = await sealed(observation, everywhere);
    for (const { jwk } of [mine, organisation]) {
      const back = await opened(text, [jwk]);
      expect(isIdentical(readResource(back), readResource(observation))).toBe(true);
      expect(back).toContain('1.50');
    }
  });

  it('are open to the first of more recipients than a field may have, and the others ask the key service', async () => {
    const others = Array.from({ length: 70 }, (_, at) => ({ ...organisation.recipient, thumbprint: `other-${at}` }));
    const late = {
      ...weak,
      recipient: { ...organisation.recipient, thumbprint: await calculateJwkThumbprint(weak.jwk) },
    };
    const recipients = [organisation.recipient, mine.recipient, ...others, late.recipient];
    const fields = [mark('note.text')];
    const answer = await sealFields(observation, { fields, recipients, context });
    if (!answer.ok) throw new Error(answer.error.code);
    for (const { jwk } of [mine, organisation]) expect(await opened(answer.value, [jwk])).toContain('CANARY-first');
    expect(await openFields(answer.value, [late.jwk], expected)).toMatchObject({
      error: { code: 'field-not-recipient' },
    });
  });

  it('are open where they were sealed for more than that', async () => {
    const keys = await sealingKeys([organisation.recipient, mine.recipient]);
    if (!keys.ok) throw new Error(keys.error.code);
    const more = Array.from({ length: 71 }, (_, at) => ({ ...keys.value[0]!, kid: `other-${at}` }));
    const at = { type: context.type, path: 'note.text' };
    const jwe = await sealText('CANARY', { ...context, ...at }, [...keys.value, ...more]);
    expect(await openText(jwe, [mine.jwk], { ...expected, ...at })).toMatchObject({
      ok: true,
      value: { text: 'CANARY' },
    });
  });

  it('security: leave nothing of them in the clear, in no other rendering of the record either', async () => {
    const text = await sealed(observation, everywhere);
    expect(text).not.toContain('CANARY');
    expect(text).not.toContain('1.50');
    expect(text).not.toContain('75622-1');
  });

  it.each(everywhere)('leave a record that is R4, where %s is sealed', async (path) => {
    const resource = JSON.parse(await sealed(observation, [path]));
    // One of the notes has no text: that is the server's, sealed or not.
    expect(faultsByOthers(resource)).toEqual(faultsByOthers(JSON.parse(observation)));
    expect(resource.meta.security).toMatchObject([
      { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'MASKED' },
    ]);
  });

  it('are masked to whoever does not know the extension', async () => {
    const { note, valueQuantity } = JSON.parse(await sealed(observation, ['note.text', 'value']));
    const absent = { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' };
    expect(valueQuantity).toEqual({ extension: [absent, expect.anything()] });
    expect(note.map((one: { _text?: object }) => one._text)).toEqual([
      { extension: [absent, expect.anything()] },
      { extension: [absent, expect.anything()] },
      undefined,
    ]);
    expect(note[0].text).toBeUndefined();
  });

  it('take the digest of data along, by which one could guess', async () => {
    const document = JSON.stringify({
      resourceType: 'DocumentReference',
      status: 'current',
      content: [{ attachment: { contentType: 'text/plain', data: 'Q0FOQVJZ', hash: 'CANARY' } }],
    });
    const of = { ...context, type: 'DocumentReference' };
    const text = await sealed(document, ['content.attachment.data'], of);
    expect(text).not.toContain('CANARY');
    expect(text).not.toContain('Q0FOQVJZ');
    expect(faultsByOthers(JSON.parse(text))).toEqual([]);
    expect(JSON.parse(await opened(text))).toEqual(JSON.parse(document));
  });

  it('open with jose alone', async () => {
    const { valueQuantity } = JSON.parse(await sealed(observation, ['value']));
    const jwe = JSON.parse(Buffer.from(valueQuantity.extension[1].valueBase64Binary, 'base64').toString());
    const key = await importJWK(mine.jwk, 'RSA-OAEP-256');
    const kid = await calculateJwkThumbprint(mine.jwk);
    const share = jwe.recipients.filter((one: { header: { kid: string } }) => one.header.kid === kid);
    const { plaintext, protectedHeader } = await generalDecrypt({ ...jwe, recipients: share }, key);
    expect(new TextDecoder().decode(plaintext)).toBe('{"value":{"value":1.50,"unit":"CANARY-unit"}}');
    expect(protectedHeader).toMatchObject({ alg: 'RSA-OAEP-256', enc: 'A256GCM', typ: 'wardlight-field' });
    expect(protectedHeader?.['ctx']).toEqual({ ...context, path: 'valueQuantity' });
  });

  it('are sealed once, however often', async () => {
    const once = await sealed(observation, everywhere);
    expect(await sealed(once, everywhere)).toBe(once);
    expect(await sealed(once, ['note', 'component.value', 'value'])).not.toContain('CANARY');
  });

  it('are sealed anew where a value was written beside the older one', async () => {
    const resource = JSON.parse(await sealed(observation, ['note.text']));
    resource.note[0].text = 'CANARY-third';
    const again = await sealed(JSON.stringify(resource), ['note.text']);
    expect(again).not.toContain('CANARY-third');
    const { note } = JSON.parse(await opened(again));
    expect(note.map(({ text }: { text?: string }) => text)).toEqual(['CANARY-third', 'CANARY-second', undefined]);
  });

  it('are only those that the mark names', async () => {
    const absent = JSON.stringify({ resourceType: 'Observation', id: '1', status: 'final', code: { text: 'x' } });
    expect(await sealed(absent, ['value', 'note.text'])).toBe(absent);
    expect(await sealed(absent, ['code'], { ...context, type: 'Patient' })).toBe(absent);
    const labelled = (label: string) =>
      sealFields(JSON.stringify({ ...JSON.parse(absent), meta: { security: [{ system: 'urn:s', code: 'PSY' }] } }), {
        fields: [mark('code', label)],
        recipients: [mine.recipient],
        context,
      });
    const isSealed = async (label: string) => JSON.stringify(await labelled(label)).includes('sealed');
    for (const label of ['PSY', 'urn:s|PSY']) expect(await isSealed(label)).toBe(true);
    for (const label of ['HIV', 'urn:other|PSY']) expect(await isSealed(label)).toBe(false);
  });

  it('need a recipient whose key is strong enough', async () => {
    const fields = [mark('value')];
    const kms = { kind: 'aws-kms', arn: 'arn:aws:kms:eu-west-1:111122223333:key/a' } as const;
    expect(await sealFields(observation, { fields, recipients: [kms], context })).toMatchObject({
      error: { code: 'recipients-missing' },
    });
    for (const recipient of [weak.recipient, { ...mine.recipient, publicKey: 'none' }]) {
      expect(await sealFields(observation, { fields, recipients: [recipient], context })).toMatchObject({
        error: { code: 'recipient-invalid' },
      });
    }
  });

  it('are open again where a greater element was marked since', async () => {
    const twice = await sealed(await sealed(observation, ['component.value']), ['component']);
    // What the narrative said of the record as it was isn't certain any more.
    const { text: _narrative, ...rest } = readResource(observation);
    expect(isIdentical(readResource(await opened(twice)), rest)).toBe(true);
  });

  const word = fc.string({ minLength: 1, maxLength: 12 });
  const element = fc.oneof(
    fc.record({ valueString: word }),
    fc.record({ valueString: word, _valueString: fc.constant({ id: 'x' }) }),
    fc.record({ _valueString: fc.constant({ id: 'x' }) }),
    fc.record({ valueBoolean: fc.boolean() }),
    fc.record({ valueQuantity: fc.record({ value: fc.constant('@1.250e3@'), unit: word }) }),
  );
  const given = fc
    .array(fc.oneof(word, fc.constant(null)), { minLength: 1, maxLength: 4 })
    .map((list) => ({ given: list, _given: list.map((one) => (one === null ? { id: 'y' } : null)) }))
    .map(({ given: values, _given: extras }) => ({
      ...(values.some((one) => one !== null) && { given: values }),
      ...(extras.some((one) => one !== null) && { _given: extras }),
    }));
  const record = fc
    .tuple(element, fc.array(element, { minLength: 1, maxLength: 3 }), given, fc.boolean())
    .map(([own, component, name, hasText]) => ({
      resourceType: 'Observation',
      id: '1',
      ...(hasText && { text: { status: 'generated', div: '<div/>' } }),
      ...own,
      component,
      name: [name, { given: ['z'] }],
    }));
  const paths = fc.subarray(['value', 'component', 'component.value', 'name.given', 'name', 'id.none'], {
    minLength: 1,
  });

  it('come back as they were, whatever is marked', async () => {
    await fc.assert(
      fc.asyncProperty(record, paths, async (resource, marked) => {
        const text = JSON.stringify(resource).replaceAll('"@1.250e3@"', '1.250e3');
        expect(isIdentical(readResource(await opened(await sealed(text, marked))), readResource(text))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
