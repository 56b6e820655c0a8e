import { type Problem, type SectionState, UNCUT, type Unsent, type Withheld } from '../../../preload/contract/chart.ts';
import { CURRENT, HIDDEN, OTHER, observationBucket } from '../ingest/buckets.ts';
import { recencyOf } from '../ingest/facts.ts';
import { encounterLocation } from '../ingest/location.ts';
import { getMeta, runKeys } from '../meta.ts';
import type { ReadDb } from '../open.ts';
import type { Part, Sight } from '../sight.ts';
import { allergyView } from '../views/allergies.ts';
import { carePlanView, deviceView, familyView, goalView, immunizationView } from '../views/background.ts';
import { careTeamView, generalPractitioners } from '../views/care-team.ts';
import { type Lookup, medicationView } from '../views/medications.ts';
import { conditionWarns, consentStated, observationStated, statedObservations } from '../views/safety.ts';
import { alertView, encounterView, noteView, problemView } from '../views/sections.ts';
import { type LatestGroup, latestGroups, latestOf, newestRecord } from './results.ts';
import {
  compareRecords,
  countRecords,
  createLookup,
  type Knowledge,
  oldestBeyond,
  type StoredRecord,
  sectionRecords,
  sightOf,
  termOf,
  unsentOf,
  yearOf,
} from './sections.ts';

/** Whose records are read, which of them may be seen, and when. */
export interface Scope {
  readonly db: ReadDb;
  readonly pid: number;
  readonly patient: unknown;
  readonly sight: Sight;
  readonly now: number;
  /** Most records of a section. */
  readonly max: number;
}

export interface Section<Item> extends Knowledge {
  items: Item[];
  total: number;
  omittedSince: string | null;
  withheld: Withheld;
}

/** Of what stands behind: the newest are looked at, and the number of all is told. */
const BACKGROUND_MAX = 60;
const SHOWN = [CURRENT, OTHER] as const;
const CURRENT_ONLY = [CURRENT, CURRENT] as const;
const NOT_HIDDEN = [CURRENT, HIDDEN - 1] as const;

/** The sections of a summary: which types they are made of, and how a record of theirs is shown. */
export function readSections(scope: Scope) {
  const { db, pid, sight } = scope;
  const lookup = createLookup(db, pid, sight);
  const groups = latestGroups(db, pid, sight);
  const part = (types: readonly string[], range: Part['range'], safety = false): Part => ({ types, range, safety });
  /** Withheld may be what would be no entry of the list, such as a statement that there are no allergies. */
  const safe = (...types: string[]) => part(types, NOT_HIDDEN, true);
  const background = <Item>(type: string, view: (resource: unknown, unsent: Unsent) => Item) =>
    readSection(scope, part([type], SHOWN), SHOWN, view, BACKGROUND_MAX);
  const problems = readProblems(scope, safe('Condition'), lookup);
  const isSaidPregnant = problems.items.some(({ warns }) => warns === 'pregnancy');
  return {
    allergies: readSection(scope, safe('AllergyIntolerance'), SHOWN, allergyView, UNCUT),
    problems,
    medications: readSection(scope, safe('MedicationRequest', 'MedicationStatement'), SHOWN, (one, unsent) =>
      medicationView(one, lookup, unsent),
    ),
    // An advance directive is a Consent: where these aren't all here, or are withheld, the code status may be another.
    alerts: {
      ...readSection(scope, part(['Flag'], CURRENT_ONLY, true), CURRENT_ONLY, alertView, UNCUT),
      ...sightOf(db, pid, sight, part(['Flag', 'Consent'], CURRENT_ONLY, true)),
    },
    vitals: latestValues(scope, groups, [observationBucket.vitalSign, observationBucket.vitalSign]),
    results: latestValues(scope, groups, [observationBucket.laboratory, observationBucket.other]),
    encounters: background('Encounter', (one, unsent) => encounterView(one, encounterLocation(db, one), unsent)),
    notes: readSection(scope, part(['DocumentReference'], CURRENT_ONLY), CURRENT_ONLY, (one, unsent) =>
      noteView(one, lookup, unsent),
    ),
    stated: readStated(scope, groups, isSaidPregnant),
    immunizations: background('Immunization', immunizationView),
    careTeam: readCareTeam(scope, lookup),
    goals: background('Goal', goalView),
    carePlans: background('CarePlan', carePlanView),
    social: latestValues(scope, groups, [observationBucket.social, observationBucket.social]),
    family: background('FamilyMemberHistory', familyView),
    // What an implant means for magnetic resonance is a matter of safety.
    devices: readSection(scope, part(['Device'], SHOWN), SHOWN, deviceView, UNCUT),
  };
}

function readSection<Item>(
  scope: Scope,
  part: Part,
  range: readonly [number, number],
  view: (resource: unknown, unsent: Unsent) => Item,
  max = scope.max,
): Section<Item> {
  const { db, pid, sight } = scope;
  const { types } = part;
  const records: StoredRecord[] = types.flatMap((type) => sectionRecords(db, pid, type, range, max, sight));
  records.sort(compareRecords);
  const total = types.reduce((sum, type) => sum + countRecords(db, pid, type, range, sight), 0);
  const items = records.slice(0, max).map(({ resource, local }) => view(resource, unsentOf(local)));
  const beyond = total > records.length ? types.map((type) => oldestBeyond(db, pid, type, range, max, sight)) : [];
  const omitted = [...records.slice(max).map(({ recency }) => recency), ...beyond];
  return { ...sightOf(db, pid, sight, part), items, total, omittedSince: yearOf(omitted) };
}

/** Those that come first, and each other one of which the banner warns. */
function readProblems(scope: Scope, part: Part, lookup: Lookup): Section<Problem> {
  const { now, max } = scope;
  const all = readSection(
    scope,
    part,
    SHOWN,
    (one, unsent) => ({ one, unsent, warns: conditionWarns(one, now) }),
    UNCUT,
  );
  const shown = all.items.filter(({ warns }, index) => index < max || warns !== null);
  const items = shown.map(({ one, unsent, warns }) => ({ ...problemView(one, lookup, unsent), warns }));
  const omitted = all.items.filter(({ warns }, index) => index >= max && warns === null);
  const since = yearOf(omitted.map(({ one }) => recencyOf(one)));
  return { ...all, items, omittedSince: all.omittedSince ?? since };
}

/** The newest value of each code; `total` counts the codes. */
function latestValues({ db, pid, sight, max }: Scope, groups: readonly LatestGroup[], range: Part['range']) {
  const [from, to] = range;
  const shown = groups.filter(({ bucket }) => bucket >= from && bucket <= to);
  const items = shown.slice(0, max).map((group) => latestOf(db, pid, group, sight));
  const omittedSince = yearOf(shown.slice(max).map(({ recency }) => recency));
  const known = sightOf(db, pid, sight, { types: ['Observation'], range, safety: false });
  return { ...known, items, total: shown.length, omittedSince };
}

/**
 * Of care teams a run fetches those on which the clinician is: the rest isn't known, however complete the run was. The
 * general practitioner comes from the Patient, first.
 */
function readCareTeam(scope: Scope, lookup: Lookup) {
  const { db, patient, now, max } = scope;
  const teams = readSection(scope, { types: ['CareTeam'], range: CURRENT_ONLY, safety: false }, CURRENT_ONLY, (one) =>
    careTeamView(one, lookup, now),
  );
  const own = generalPractitioners(patient, lookup);
  const asOf = getMeta(db, runKeys.panelAsOf);
  const known: { state: SectionState; asOf: string | null } =
    teams.state === 'not-fetched' && asOf !== null ? { state: 'partial', asOf } : teams;
  const { state } = known;
  const items = own && state !== 'not-permitted' ? [own, ...teams.items].slice(0, max) : teams.items;
  return { ...teams, ...{ state, asOf: known.asOf }, items, total: teams.total + (items === teams.items ? 0 : 1) };
}

function readStated({ db, pid, sight, now }: Scope, groups: readonly LatestGroup[], contradicted: boolean) {
  const codes = [...statedObservations].map(([code, warns]) => ({ warns, code: termOf(db, code) }));
  const observed = groups.flatMap((group) => {
    const about = codes.find(({ code }) => code === group.code);
    if (!about) return [];
    return (
      observationStated(newestRecord(db, pid, group, sight).resource, { warns: about.warns, contradicted, now }) ?? []
    );
  });
  const consents = sectionRecords(db, pid, 'Consent', SHOWN, UNCUT, sight);
  return [...observed, ...consents.flatMap(({ resource }) => consentStated(resource) ?? [])].slice(0, UNCUT);
}
