import type { CareTeam, FhirResource, Period, PractitionerRole } from 'fhir/r4';
import type { Store } from '../store/store.ts';

/** Ids of the patients on whose active care teams a practitioner is now, by herself or in an active role. */
export function teamPatients(store: Pick<Store, 'list'>, practitioner: string, now: Date): string[] {
  const members = new Set([practitioner, ...rolesOf(store, practitioner, now)]);
  return store.list('CareTeam').flatMap((resource) => {
    const team = resource as CareTeam;
    const patient = /^Patient\/(.+)$/.exec(team.subject?.reference ?? '')?.[1];
    if (patient === undefined || team.status !== 'active' || !isNow(team.period, now)) return [];
    const isMember = team.participant?.some(
      ({ member, period }) => members.has(member?.reference ?? '') && isNow(period, now),
    );
    return isMember ? [patient] : [];
  });
}

function rolesOf(store: Pick<Store, 'list'>, practitioner: string, now: Date): string[] {
  return store.list('PractitionerRole').flatMap((resource: FhirResource) => {
    const { id, practitioner: who, active = true, period } = resource as PractitionerRole;
    return who?.reference === practitioner && active && isNow(period, now) ? [`PractitionerRole/${id}`] : [];
  });
}

/** An end without a time is the end of that day (R4 datatypes.html#Period). */
function isNow({ start, end }: Period = {}, now: Date): boolean {
  const last = end !== undefined && end.length <= 10 ? Date.parse(end) + 86_400_000 - 1 : Date.parse(end ?? '');
  return !(Date.parse(start ?? '') > now.getTime()) && !(last < now.getTime());
}
