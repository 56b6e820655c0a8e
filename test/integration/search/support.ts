import { factsOf } from '../../../main/cache/ingest/facts.ts';
import { field } from '../../../main/cache/json.ts';
import type { SearchAnswer } from '../../../main/cache/search/query/search.ts';
import type { SearchSight } from '../../../main/cache/sight.ts';
import type { DevServer } from '../../server/index.ts';
import type { TestCache } from '../cache/support.ts';

const PAGE = 500;

/** Stores texts as one task's pages, as a sync does. */
export function ingest({ write, read }: Pick<TestCache, 'write' | 'read'>, texts: readonly string[]): void {
  write.startRun({ tasks: [{ label: 'all', resourceType: 'Patient', url: 'all', patients: null }] });
  const seq = read.tasks({}).at(-1)?.seq ?? 0;
  for (let at = 0; at < texts.length; at += PAGE) {
    const next = at + PAGE < texts.length ? `page-${at}` : null;
    write.applyPage({ seq, resources: texts.slice(at, at + PAGE), next, serverTime: '2026-03-01T10:00:00Z' });
  }
}

/** All current resources of the development server, as it wrote them. */
export function textsOf(server: DevServer): string[] {
  return server.store.snapshot().entries.flatMap(({ versions }) => versions.at(-1)?.text ?? []);
}

export interface Answer {
  /** `Type/id` in the order of the pages. */
  readonly matches: readonly string[];
  readonly included: readonly string[];
  readonly total: number | undefined;
}

interface Bundle {
  readonly total?: number;
  readonly link?: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly {
    readonly resource: { readonly resourceType: string; readonly id: string };
    readonly search?: { readonly mode?: string };
  }[];
}

/** What the development server answers, all pages. */
export async function askServer(server: DevServer, token: string, query: string): Promise<Answer> {
  const matches: string[] = [];
  const included = new Set<string>();
  let total: number | undefined;
  const separator = query.includes('?') ? '&' : '?';
  let url: string | undefined = `${server.url}/${query}${/[?&]_count=/.test(query) ? '' : `${separator}_count=1000`}`;
  while (url !== undefined) {
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}`, prefer: 'handling=strict' } });
    if (!response.ok) throw new Error(`the development server answers ${response.status} to ${query}`);
    const bundle = (await response.json()) as Bundle;
    total ??= bundle.total;
    for (const { resource, search } of bundle.entry ?? []) {
      const key = `${resource.resourceType}/${resource.id}`;
      if (search?.mode === 'include') included.add(key);
      else matches.push(key);
    }
    url = bundle.link?.find(({ relation }) => relation === 'next')?.url;
  }
  return { matches, included: [...included].sort(), total };
}

interface Asked extends Pick<TestCache, 'read'> {
  /** All by default. */
  readonly sight?: SearchSight;
}

/** What the cache answers, all pages. */
export function askCache(asked: Asked, query: string): Answer {
  const matches: string[] = [];
  const included = new Set<string>();
  let total: number | undefined;
  for (let page: string | null | undefined; page !== null; ) {
    const answer: SearchAnswer = searchOnce(asked, `${query}&_total=accurate`, page ?? undefined);
    total ??= answer.total;
    for (const { type, id, mode, body } of answer.entries) {
      if (factsOf(body)?.id !== id) throw new Error('an entry has another id than its resource');
      if (mode === 'include') included.add(`${type}/${id}`);
      else matches.push(`${type}/${id}`);
    }
    page = answer.next;
  }
  return { matches, included: [...included].sort(), total };
}

/** One page of the cache's answer; fails where it is refused. */
export function searchOnce({ read, sight }: Asked, query: string, page?: string): SearchAnswer {
  const [type = '', rest = ''] = query.split(/\?(.*)/s);
  const count = /[?&]_count=/.test(query) ? '' : '&_count=1000';
  const result = read.search({
    type,
    query: rest + count,
    sight: sight ?? null,
    ...(page === undefined ? {} : { page }),
  });
  if (!result.ok) throw new Error(`refused with ${result.error.code} of ${result.error.detail}: ${query}`);
  return result.value;
}

/** Text at a path of members and places, if there is one. */
function at(value: unknown, path: string): string | undefined {
  let here = value;
  for (const step of path.split('.')) here = Array.isArray(here) ? here[Number(step)] : field(here, step);
  return typeof here === 'string' || typeof here === 'number' ? String(here) : undefined;
}

/** Values of the data that queries are filled with: of the patient with most observations, of the commonest codes. */
export function valuesOf(texts: readonly string[]): { [name: string]: string } {
  const resources = texts.map((text) => JSON.parse(text) as unknown);
  const of = (type: string) =>
    resources
      .filter((one) => at(one, 'resourceType') === type)
      .sort((a, b) => ((at(a, 'id') ?? '') < (at(b, 'id') ?? '') ? -1 : 1));
  const all = of('Observation');
  const measured = all.filter((one) => at(one, 'valueQuantity.value') !== undefined);
  const codes = commonest(measured.map((one) => at(one, 'code.coding.0.code')));
  const observations = measured.filter((one) => at(one, 'code.coding.0.code') === codes[0]);
  const observation = observations[Math.floor(observations.length / 2)];
  const [busiest] = commonest(all.map((one) => at(one, 'subject.reference')?.split('/')[1]));
  const isBusiest = (one: unknown) => Number(at(one, 'id') === busiest);
  const [patient, patient2] = of('Patient').sort((a, b) => isBusiest(b) - isBusiest(a));
  const condition = of('Condition')[3];
  const encounters = new Set(all.map((one) => at(one, 'encounter.reference')));
  const encounter = of('Encounter').find((one) => encounters.has(`Encounter/${at(one, 'id')}`));
  const report = of('DiagnosticReport').find((one) => at(one, 'result.0.reference') !== undefined);
  const values: { [name: string]: string | undefined } = {
    patient: at(patient, 'id'),
    patient2: at(patient2, 'id'),
    family: at(patient, 'name.0.family'),
    family2: at(patient2, 'name.0.family'),
    familyUpper: at(patient, 'name.0.family')?.toUpperCase(),
    given: at(patient, 'name.0.given.0'),
    givenMiddle: at(patient, 'name.0.given.0')?.slice(1, 3),
    city: at(patient, 'address.0.city'),
    phone: at(patient, 'telecom.0.value'),
    mrn: at(patient, 'identifier.0.value'),
    mrnLower: at(patient, 'identifier.0.value')?.toLowerCase(),
    mrn2: at(patient2, 'identifier.0.value'),
    mrnSystem: at(patient, 'identifier.0.system'),
    birthdate: at(patient, 'birthDate'),
    birthdate2: at(patient2, 'birthDate'),
    birthYear: at(patient, 'birthDate')?.slice(0, 4),
    updated: at(patient, 'meta.lastUpdated'),
    practitionerFamily: at(of('Practitioner')[0], 'name.0.family'),
    organizationName: at(of('Organization')[0], 'name'),
    conditionCode: at(condition, 'code.coding.0.code'),
    conditionText: at(condition, 'code.coding.0.display')?.slice(0, 6),
    observationCode: codes[0],
    observationCode2: codes[1],
    observationDay: at(observation, 'effectiveDateTime')?.slice(0, 10),
    observationTime: at(observation, 'effectiveDateTime'),
    quantity: at(observation, 'valueQuantity.value'),
    quantityCode: at(observation, 'valueQuantity.code'),
    quantityUnit: at(observation, 'valueQuantity.unit'),
    encounter: at(encounter, 'id'),
    encounterDay: at(encounter, 'period.start')?.slice(0, 10),
    practitioner: of('Encounter')
      .map((one) => at(one, 'participant.0.individual.reference'))
      .find((reference) => reference !== undefined)
      ?.split('/')[1],
    reportResult: at(report, 'result.0.reference')?.split('/')[1],
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? 'none']));
}

function commonest(values: readonly (string | undefined)[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([value]) => value);
}

/** A query with its values, escaped as in a URL. */
export function filled(query: string, values: { readonly [name: string]: string }): string {
  return query.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(values[name] ?? 'none'));
}
