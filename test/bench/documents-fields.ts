import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { createBox } from '../../main/cache/fields/box.ts';
import { openFields } from '../../main/documents/fields/open.ts';
import { sealFields } from '../../main/documents/fields/seal.ts';
import { type BenchResult, median, rounded } from './statistics.ts';

const FIELD = 'x'.repeat(200);
const ROUNDS = 5;
const JWE = 60;
const LAYER = 5_000;

const context = {
  v: '1',
  type: 'Observation',
  record: 'r',
  patient: 'p',
  author: 'a',
  role: 'unknown',
  purpose: 'TREAT',
  policy: '1',
  created: '2026-03-01T10:00:00Z',
} as const;

/**
 * Fields of 200 bytes per second, encrypted and opened again: as JWE for one recipient with RSA-3072, in a record, and in
 * the cache's own layer, each in a record of its own.
 */
export async function fieldsPerSecond(): Promise<BenchResult[]> {
  const { publicKey, privateKey } = await generateKeyPair('RSA-OAEP-256', { modulusLength: 3_072, extractable: true });
  const jwk = await exportJWK(privateKey);
  const thumbprint = await calculateJwkThumbprint(jwk);
  const recipients = [{ kind: 'rsa', thumbprint, publicKey: await exportSPKI(publicKey) }] as const;
  const fields = [{ type: 'Observation', path: 'value', label: null }];
  const record = JSON.stringify({ resourceType: 'Observation', id: 'o', status: 'final', valueString: FIELD });
  const box = createBox(randomBytes(32));
  const rates: Record<'seal' | 'open' | 'close' | 'reveal', number[]> = { seal: [], open: [], close: [], reveal: [] };

  for (let round = 0; round < ROUNDS; round += 1) {
    const sealed: string[] = [];
    rates.seal.push(
      await perSecond(JWE, async () => {
        const answer = await sealFields(record, { fields, recipients, context });
        sealed.push(answer.ok ? answer.value : '');
      }),
    );
    rates.open.push(
      await perSecond(JWE, async (index) => {
        const answer = await openFields(sealed[index] ?? '', [jwk], { patient: 'p', records: ['r'] });
        if (!answer.ok) throw new Error(answer.error.code);
      }),
    );
    const belonging = (index: number) => ({ type: 'Observation', id: `o${index}`, at: 'valueString', version: '1' });
    const closed: string[] = [];
    rates.close.push(await perSecond(LAYER, (index) => void closed.push(box.close(FIELD, belonging(index)))));
    rates.reveal.push(
      await perSecond(LAYER, (index) => {
        if (box.open(closed[index] ?? '', belonging(index)) !== FIELD) throw new Error('another field');
      }),
    );
  }
  const rate = (samples: readonly number[]) => rounded(median(samples), 0);
  return [
    {
      name: 'documents.fields_per_second',
      value: rate(rates.seal),
      unit: 'fields/s',
      better: 'higher',
      target: null,
      peers: {
        'JWE opened': rate(rates.open),
        'second layer closed': rate(rates.close),
        'second layer opened': rate(rates.reveal),
      },
    },
  ];
}

async function perSecond(count: number, work: (index: number) => Promise<void> | void): Promise<number> {
  const from = performance.now();
  for (let index = 0; index < count; index += 1) await work(index);
  return (count * 1_000) / (performance.now() - from);
}
