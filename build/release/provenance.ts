import { join } from 'node:path';
import * as z from 'zod';
import { hashOf } from './tools.ts';

const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
const STATEMENT = 'https://in-toto.io/Statement/v1';
const PREDICATE = 'https://slsa.dev/provenance/v1';

/** Where the build says from what it was made (SLSA 1.0, BuildDefinition). */
export const buildDefinition = z.strictObject({
  buildType: z.literal('https://wardlight.org/build/package/v1'),
  externalParameters: z.strictObject({
    targets: z.array(z.string().max(20)).max(10),
    /** Carries a runtime that only stands in for the pinned one: never released. */
    development: z.boolean(),
    sourceDateEpoch: z.number().int(),
  }),
  resolvedDependencies: z
    .array(z.strictObject({ uri: z.string().max(500), digest: z.record(z.string().max(20), z.string().max(128)) }))
    .max(20),
});
export type BuildDefinition = z.infer<typeof buildDefinition>;

const statement = z.strictObject({
  _type: z.literal(STATEMENT),
  subject: z
    .array(z.strictObject({ name: z.string().max(200), digest: z.strictObject({ sha256: z.string().length(64) }) }))
    .min(1)
    .max(100),
  predicateType: z.literal(PREDICATE),
  predicate: z.strictObject({
    buildDefinition,
    runDetails: z.strictObject({ builder: z.strictObject({ id: z.string().max(200) }) }),
  }),
});
export type Statement = z.infer<typeof statement>;

const envelope = z.strictObject({
  payload: z.base64().max(1_000_000),
  payloadType: z.literal(PAYLOAD_TYPE),
  signatures: z.array(z.strictObject({ keyid: z.string().max(64), sig: z.base64().max(10_000) })).length(1),
});

/** What is signed instead of the payload alone, so that its kind can't be changed (DSSE 1.0, PAE). */
function preAuthentication(payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload]);
}

/** Who built these files, from what. */
export function statementOf(folder: string, names: readonly string[], build: BuildDefinition): Statement {
  return {
    _type: STATEMENT,
    subject: [...names].sort().map((name) => ({ name, digest: { sha256: hashOf(join(folder, name)) } })),
    predicateType: PREDICATE,
    predicate: { buildDefinition: build, runDetails: { builder: { id: 'https://wardlight.org/build/release/v1' } } },
  };
}

export function seal(said: Statement, keyid: string, sign: (data: Uint8Array) => Uint8Array): string {
  const payload = Buffer.from(JSON.stringify(said));
  const sig = Buffer.from(sign(preAuthentication(payload))).toString('base64');
  const sealed = { payload: payload.toString('base64'), payloadType: PAYLOAD_TYPE, signatures: [{ keyid, sig }] };
  return `${JSON.stringify(sealed, null, 2)}\n`;
}

/** What a sealed statement says; `verify` throws where the signature isn't good. */
export function unseal(text: string, verify: (data: Uint8Array, signature: Uint8Array) => void): Statement {
  const { payload, signatures } = envelope.parse(JSON.parse(text));
  const said = Buffer.from(payload, 'base64');
  verify(preAuthentication(said), Buffer.from(signatures[0]?.sig ?? '', 'base64'));
  return statement.parse(JSON.parse(said.toString()));
}
