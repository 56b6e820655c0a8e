import type { FhirResource, Reference } from 'fhir/r4';
import type { DevUser } from '../../users.ts';
import { careTeamOf, panelOf } from '../dev-users.ts';
import { forms } from '../forms.ts';
import { ALLERGY_PICTURES, type AllergyPicture, allergies } from './allergies.ts';
import { instant, type Making, reference, YEAR } from './basics.ts';
import { demographics } from './demographics.ts';
import { currentStay, pastEncounters } from './encounters.ts';
import { directives, flags, immunizations, nextOfKin, plans, procedures } from './extras.ts';
import { type Bed, type Hospital, hospital, type WardId } from './hospital.ts';
import { labs } from './labs.ts';
import { notes } from './notes.ts';
import { type Picture, pictures } from './pictures.ts';
import { createRandom, type Random } from './random.ts';
import { medications, problems } from './treatment.ts';
import { vitals } from './vitals.ts';

/** Believable patients, the same for the same seed, number and now. Nobody of them exists. */
export interface GenerateOptions {
  patients: number;
  seed: number;
  now: Date;
  users: readonly DevUser[];
}

/** The patient with the penicillin anaphylaxis lies in bed 12 of the first ward, whatever the seed. */
const BED_12_PATIENT = 5;
const BED_12 = 'ward-1-bed-12';

function pictureFor(ageYears: number, i: number): Picture {
  const fitting = pictures.filter(({ ages }) => ageYears >= ages[0] && ageYears <= ages[1]);
  return fitting[i % fitting.length] ?? pictures[1]!;
}

/** Up to their sixteenth birthday, the young lie on the children's ward and nowhere else. */
const ADULT_AGE = 16;

function wardsFor(ageYears: number, { ward }: Picture): WardId[] {
  if (ageYears < ADULT_AGE) return ['paediatrics'];
  return [ward ?? 'medicine', 'medicine', 'surgery', 'cardiology'];
}

/** A bed for each patient until those of the fitting wards are given out, and none for more than one. */
function createBedFinder(place: Hospital): (i: number, ageYears: number, picture: Picture) => Bed | undefined {
  const taken = new Set<Bed>();
  const everyBed = Object.values(place.beds).flat();
  return (i, ageYears, picture) => {
    // Two of three are in hospital; the others are known to it.
    if (i % 3 === 2 && i !== BED_12_PATIENT) return undefined;
    const free = wardsFor(ageYears, picture)
      .flatMap((ward) => place.beds[ward])
      .find((candidate) => candidate.bed.id !== BED_12 && !taken.has(candidate));
    const found = i === BED_12_PATIENT ? everyBed.find(({ bed }) => bed.id === BED_12) : free;
    if (found) taken.add(found);
    return found;
  };
}

function record(
  i: number,
  random: Random,
  options: GenerateOptions,
  place: Hospital,
  findBed: ReturnType<typeof createBedFinder>,
): { resources: FhirResource[]; alive: boolean } {
  const now = options.now.getTime();
  const { patient, born, female } = demographics(i, random, now);
  const resources: FhirResource[] = [patient];
  const making: Making = {
    random,
    now,
    born,
    female,
    subject: { reference: `Patient/${patient.id}`, display: patient.name?.[0]?.text ?? '' },
    ageYears: (now - born) / YEAR,
    add(resource) {
      resources.push(resource);
      return resource;
    },
    newId: () => random.uuid(),
    clinician: (): Reference => random.pick(place.clinicians),
  };
  const alive = patient.deceasedDateTime === undefined;
  const picture = pictureFor(making.ageYears, i);
  const allergyPicture: AllergyPicture =
    i === BED_12_PATIENT ? 'anaphylaxis' : ALLERGY_PICTURES[i % ALLERGY_PICTURES.length]!;
  const conditions = problems(making, picture);
  const past = pastEncounters(making, place);
  const bed = alive ? findBed(i, making.ageYears, picture) : undefined;
  const stay =
    bed &&
    currentStay(
      making,
      place,
      bed,
      conditions.map((c) => reference(c)),
      picture.reason,
    );
  const encounter = stay && reference(stay.encounter);
  allergies(making, allergyPicture);
  medications(making, picture, stay, allergyPicture !== 'none-known' && allergyPicture !== 'no-drug-known');
  vitals(making, encounter, stay?.admitted);
  labs(making, picture, encounter, stay?.admitted);
  notes(making, picture, stay, past);
  flags(making, stay?.encounter);
  immunizations(making);
  procedures(making, stay?.encounter);
  plans(making, conditions);
  nextOfKin(making, patient);
  directives(making, stay?.encounter);
  return { resources, alive };
}

/** The first user cares for all but every tenth patient, the second for every other one; the third for nobody. */
function caresFor(user: number, patient: number): boolean {
  return user === 0 ? patient % 10 !== 7 : user === 1 && patient % 2 === 0;
}

export function generate(options: GenerateOptions): FhirResource[] {
  const { patients, seed, now, users } = options;
  const place = hospital(createRandom(`${seed}/hospital`), users);
  const findBed = createBedFinder(place);
  const resources: FhirResource[] = [...place.resources, ...forms];
  const panels = users.map((): string[] => []);
  for (let i = 0; i < patients; i += 1) {
    const random = createRandom(`${seed}/patient/${i}`);
    const made = record(i, random, options, place, findBed);
    const id = made.resources[0]!.id!;
    resources.push(...made.resources);
    const members = users.filter((_user, u) => caresFor(u, i));
    const start = instant(now.getTime() - 5 * 86_400_000);
    if (members.length > 0) resources.push(careTeamOf(random.uuid(), id, members, start));
    for (const [u, panel] of panels.entries()) if (caresFor(u, i)) panel.push(id);
  }
  for (const [u, user] of users.entries()) resources.push(panelOf(user, panels[u]!));
  return resources;
}
