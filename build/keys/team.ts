import type { Bundle, CareTeam, FhirResource, Period, PractitionerRole } from 'fhir/r4';
import { type Certificate, type Revocations, readRevocations } from '../../main/documents/keys/certificates.ts';
import { certificatesOf } from '../../main/documents/keys/directory.ts';
import { type PinnedKeys, pinnedKeys, usable } from '../../main/documents/keys/recipients.ts';
import type { FhirClient } from '../../main/fhir/client.ts';
import type { OrganisationKeys } from './organisation.ts';

type Fhir = Pick<FhirClient, 'get' | 'send'>;

/** The server didn't say what is asked of it: nothing is done for the document in question. */
export class ServerFailure extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export type Teams = ReturnType<typeof createTeams>;

interface Known {
  readonly fhir: Fhir;
  readonly pinned: PinnedKeys;
  readonly revocations: Revocations;
  readonly now: () => number;
}

/** Devices of practitioners and of patients' care teams, each asked for once. */
function createTeams({ fhir, pinned, revocations, now }: Known) {
  const devices = new Map<string, Promise<Certificate[]>>();
  const teams = new Map<string, Promise<string[]>>();
  const roles = new Map<string, Promise<string | null>>();

  function once<Value>(known: Map<string, Promise<Value>>, key: string, ask: () => Promise<Value>): Promise<Value> {
    const asked = known.get(key) ?? ask();
    known.set(key, asked);
    return asked;
  }

  async function devicesOf(practitioner: string): Promise<Certificate[]> {
    const found = await certificatesOf(fhir, [practitioner]);
    if (!found.ok) throw new ServerFailure(found.error.code);
    return usable(found.value, pinned, revocations, now()).filter((one) => one.practitioner === practitioner);
  }

  async function practitionersOf(patient: string): Promise<string[]> {
    const found = await searched(fhir, `CareTeam?patient=${encodeURIComponent(patient)}&status=active`);
    const members = found.flatMap((resource) => {
      const { resourceType, status, period, participant = [] } = resource as CareTeam;
      if (resourceType !== 'CareTeam' || status !== 'active' || !isNow(period, now())) return [];
      return participant.flatMap((one) => (isNow(one.period, now()) ? (one.member?.reference ?? []) : []));
    });
    const all = await Promise.all(members.map((member) => practitionerOf(member)));
    return all.filter((one) => one !== null);
  }

  async function practitionerOf(member: string): Promise<string | null> {
    if (member.startsWith('Practitioner/')) return member;
    if (!member.startsWith('PractitionerRole/')) return null;
    return once(roles, member, async () => {
      const answer = await fhir.get(member);
      if (!answer.ok) return null;
      const { active = true, period, practitioner } = JSON.parse(answer.value.text) as PractitionerRole;
      return active && isNow(period, now()) ? (practitioner?.reference ?? null) : null;
    });
  }

  return {
    /** Devices of a patient's active care teams, and of the practitioners who are named besides. */
    async devices(patient: string, besides: readonly string[]): Promise<Certificate[]> {
      const members = await once(teams, patient, () => practitionersOf(patient));
      const people = [...new Set([...members, ...besides])];
      const all = await Promise.all(people.map((one) => once(devices, one, () => devicesOf(one))));
      return all.flat();
    },
  };
}

/** The same by the organisation's own keys. */
export function teamsOf(fhir: Fhir, keys: OrganisationKeys, now: () => number): Teams {
  const organisation = keys.wrapping().map(({ publicKey }) => publicKey);
  const signingKeys = [...keys.signingKeys()];
  const pinned = pinnedKeys({ organisation, organisationEcdh: [], signingKeys, signingKey: null });
  const revocations = pinned && readRevocations(keys.revocations(now()), pinned.signingKeys, now());
  if (!pinned || !revocations) throw new Error('the organisation’s own keys are none');
  return createTeams({ fhir, pinned, revocations, now });
}

async function searched(fhir: Fhir, first: string): Promise<FhirResource[]> {
  const all: FhirResource[] = [];
  for (let url: string | null = first; url !== null; ) {
    const answer = await fhir.get(url);
    if (!answer.ok) throw new ServerFailure(answer.error.code);
    const { entry = [], link = [] } = JSON.parse(answer.value.text) as Bundle<FhirResource>;
    all.push(...entry.flatMap(({ resource }) => resource ?? []));
    url = link.find(({ relation }) => relation === 'next')?.url ?? null;
  }
  return all;
}

/** An end without a time is the end of that day (R4 datatypes.html#Period). */
function isNow({ start, end }: Period = {}, now: number): boolean {
  const last = end !== undefined && end.length <= 10 ? Date.parse(end) + 86_400_000 - 1 : Date.parse(end ?? '');
  return !(Date.parse(start ?? '') > now) && !(last < now);
}
