import type { Version } from '../server/store/store.ts';
import { seesAll } from '../support/sees-all.ts';
import { keyOf, localIdsOf, type Violation } from './checker.ts';
import { type RecordType, recordTypes } from './records.ts';
import { baseOf, changesOf, shownRecords } from './shown.ts';
import type { Workstation } from './workstation.ts';
import type { World } from './world.ts';

/** What a workstation says of the records of one type of one patient. */
export interface Claim {
  readonly patient: string;
  readonly type: string;
  /** Server time as of which it says that all of them are here. */
  readonly asOf: string;
}

/** What a workstation shows: by type and id, the version that each text came from; null: it was never sent. */
export type Shown = ReadonlyMap<string, string | null>;

const placeOf = ({ type, id }: Pick<Version, 'type' | 'id'>) => `${type}/${id}`;

/**
 * What is wrong with claims: each record has to be here as the server had it at that time, or as it has had it since, and
 * none that was deleted or another patient's by then.
 * `unsent` are the places of the clinician's own changes, which stand for their records; a create that may have arrived is
 * known by its own id. Deletions are asked for where the server tells those of the type by its history: else they are
 * learnt by the nightly comparison.
 */
export function checkClaims(
  log: readonly Version[],
  claims: readonly Claim[],
  shown: Shown,
  { unsent, tellsDeletions }: { unsent: ReadonlySet<string>; tellsDeletions: (type: string) => boolean },
): string[] {
  const versions = new Map<string, Version[]>();
  for (const version of log) versions.set(placeOf(version), [...(versions.get(placeOf(version)) ?? []), version]);
  return claims.flatMap(({ patient, type, asOf }) => {
    const isHers = ({ text, patients }: Version) => text !== undefined && patients.includes(patient);
    const until = Date.parse(asOf);
    const says = `says that every ${type} of ${patient} is here as of ${asOf}`;
    return [...versions].flatMap(([place, all]) => {
      const [first] = all;
      if (first?.type !== type || !all.some(isHers)) return [];
      if ([first.id, ...localIdsOf(first)].some((id) => unsent.has(placeOf({ type, id })))) return [];
      const then = all.findLastIndex(({ lastUpdated }) => Date.parse(lastUpdated) <= until);
      if (then < 0) return [];
      const since = all.slice(then);
      const here = shown.get(place);
      if (since.some((version) => keyOf(version) === here)) return [];
      if (!isHers(all[then]!)) {
        const came = all.find((version) => keyOf(version) === here);
        const isShown = here !== undefined && (came === undefined || isHers(came));
        return tellsDeletions(type) && isShown ? [`${says}, but ${place} was hers no longer by then`] : [];
      }
      // A search that came after it was deleted, or filed elsewhere, could not bring what there was at that time.
      if (!since.every(isHers)) return [];
      return [here === undefined ? `${says}, but ${place} isn't` : `${says}, but ${place} is older: ${here}`];
    });
  });
}

function claimsOf(station: Workstation): Claim[] {
  return station.read
    .panel()
    .flatMap((patient) =>
      (station.read.knownSections({ patientId: patient, ...seesAll }) ?? []).flatMap(
        ({ resourceType: type, ...known }) =>
          known.state === 'complete' && known.asOf !== null && recordTypes.includes(type as RecordType)
            ? [{ patient, type, asOf: known.asOf }]
            : [],
      ),
    );
}

/** Sections that a run has left behind, though it ended whole: they would say less than is known, and for ever. */
function behind(
  { read, client, lastResult }: Workstation,
  claims: readonly Claim[],
  refused: ReadonlySet<string>,
): Violation[] {
  if (!lastResult?.ok) return [];
  const { asOf, whole } = read.run();
  // A comparison that is refused where one was needed leaves them partial, and it is told that not all is here.
  const isKnown = (state: string) => state === 'not-permitted' || (state === 'partial' && !whole);
  const isRefused = (type: string, patient: string) =>
    (refused.has(type) || refused.has(`${type} ${patient}`)) &&
    read
      .knownSections({ patientId: patient, ...seesAll })
      ?.some(({ resourceType, state }) => resourceType === type && isKnown(state));
  const isNow = new Set(claims.filter((claim) => claim.asOf === asOf).map(({ patient, type }) => `${type} ${patient}`));
  return read
    .panel()
    .flatMap((patient) =>
      recordTypes
        .filter((type) => !isNow.has(`${type} ${patient}`) && !isRefused(type, patient))
        .map((type) => ({ kind: 'diverged', what: `client ${client} left ${type} of ${patient} behind ${asOf}` })),
    );
}

/** Judges what a workstation says of its sections. Of a server that went back in time nothing can be told. */
export function boasts({ server, network, wentBack }: World, station: Workstation): Violation[] {
  const claims = claimsOf(station);
  if (wentBack) return behind(station, claims, network.refused);
  const { client } = station;
  const changes = changesOf(station, ['waiting', 'sending', 'conflict', 'parked']);
  const unsent = new Set(changes.map(({ resourceType: type, resourceId: id }) => placeOf({ type, id })));
  const shown = new Map(shownRecords(station).map((record) => [placeOf(record), baseOf(record.body)]));
  const { typeHistory, history } = server.dialect;
  // One that refuses a type's history with each run counts as one that has none, from the second refusal on.
  const tellsDeletions = (type: string) => typeHistory && history && network.historyRefusals(client, type) < 2;
  const wrong = checkClaims(server.store.log(), claims, shown, { unsent, tellsDeletions });
  return [
    ...wrong.map((what): Violation => ({ kind: 'diverged', what: `client ${client} ${what}` })),
    ...behind(station, claims, network.refused),
  ];
}
