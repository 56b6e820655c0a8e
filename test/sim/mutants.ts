import type { WriteDb } from '../../main/cache/open.ts';
import { createWrites } from '../../main/cache/writes/index.ts';
import type { FhirAnswer, FhirClient, FhirWrite } from '../../main/fhir/client.ts';

type Operation = (args: unknown) => unknown;

/** Ways in which a client could be wrong, built around the real one, to see that the checks find each. */
export interface Mutant {
  fhir?: (fhir: FhirClient) => FhirClient;
  /** Operations that take the place of the cache's own. */
  operations?: (operations: Readonly<Record<string, Operation>>, cache: WriteDb) => Record<string, unknown>;
}

/** The request without one of its conditions, in the entries of a bundle too. */
function without(condition: 'ifMatch' | 'ifNoneExist', write: FhirWrite): FhirWrite {
  const { [condition]: _, ...bare } = write;
  if (write.url !== '' || write.body === undefined) return bare;
  const bundle = JSON.parse(write.body) as { entry?: { request?: Record<string, unknown> }[] };
  for (const { request } of bundle.entry ?? []) delete request?.[condition];
  return { ...bare, body: JSON.stringify(bundle) };
}

/** Takes a request that got no answer for one that was answered well. */
function hopeful(fhir: FhirClient): FhirClient {
  return {
    ...fhir,
    async send(write, signal) {
      const answer = await fhir.send(write, signal);
      if (answer.ok || answer.error.status !== null || write.url === '') return answer;
      const meta = { versionId: '1', lastUpdated: '2031-03-04T05:06:07.000Z' };
      const resource = write.body ? { ...(JSON.parse(write.body) as object), meta } : null;
      const value: FhirAnswer = {
        text: resource ? JSON.stringify(resource) : '',
        status: resource ? 200 : 204,
        serverTime: meta.lastUpdated,
        etag: 'W/"1"',
        location: null,
      };
      return { ok: true, value };
    },
  };
}

/** Sends once more what got no answer, as if that could do no harm. */
function insistent(fhir: FhirClient): FhirClient {
  return {
    ...fhir,
    async send(write, signal) {
      const blind = without('ifNoneExist', write);
      const answer = await fhir.send(blind, signal);
      return answer.ok || answer.error.status !== null ? answer : fhir.send(blind, signal);
    },
  };
}

/** Leaves the last record out of every page of changes; the cursor goes on all the same. */
function forgetful(apply: Operation): Operation {
  return (args) => {
    const answer = args as { text: string };
    const { entry = [], ...rest } = JSON.parse(answer.text) as { entry?: { resource?: { resourceType?: string } }[] };
    const kept = entry.filter(({ resource }, n) => n < entry.length - 1 || resource?.resourceType !== 'Observation');
    return apply({ ...answer, text: JSON.stringify({ ...rest, ...(kept.length > 0 && { entry: kept }) }) });
  };
}

export const mutants = {
  'sends updates without If-Match': {
    fhir: (fhir) => ({ ...fhir, send: (write, signal) => fhir.send(without('ifMatch', write), signal) }),
  },
  'sends creates without If-None-Exist': {
    fhir: (fhir) => ({ ...fhir, send: (write, signal) => fhir.send(without('ifNoneExist', write), signal) }),
  },
  'takes no answer for a good one': { fhir: hopeful },
  'repeats a POST that got no answer': { fhir: insistent },
  'moves the cursor past what it did not store': {
    operations: ({ applyText }) => ({ applyText: forgetful(applyText!) }),
  },
  'lets the download overwrite what was not sent': {
    operations: (_operations, cache) => {
      const { applyText, applyGone, applyLines } = createWrites(cache);
      return { applyText, applyGone, applyLines };
    },
  },
  'takes what others wrote for what it sent itself': {
    operations: ({ match }) => ({
      match: (args: unknown) => ((args as { versions: readonly unknown[] }).versions.length > 0 ? 0 : match!(args)),
    }),
  },
  'forgets to ask whether the server was restored': {
    operations: () => ({ witnesses: () => [] }),
  },
} satisfies Record<string, Mutant>;
