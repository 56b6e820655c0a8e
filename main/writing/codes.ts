import type * as z from 'zod';
import type {
  immunizationRoute,
  immunizationSite,
  medicationRoute,
  severity,
  specimenType,
  VisitClass,
} from '../../preload/contract/clinical.ts';
import { type JsonObject, listOf, objectOf, textOf } from './resource.ts';

/*
 * The codings of what can be chosen in a form (R4's own value sets, and those that it gives as examples).
 */

const SNOMED = 'http://snomed.info/sct';
const ACT_SITE = 'http://terminology.hl7.org/CodeSystem/v3-ActSite';

const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';
export const ALLERGY_CLINICAL = `${TERMINOLOGY}/allergyintolerance-clinical`;
export const ALLERGY_VERIFICATION = `${TERMINOLOGY}/allergyintolerance-verification`;
export const CONDITION_CLINICAL = `${TERMINOLOGY}/condition-clinical`;
export const CONDITION_VERIFICATION = `${TERMINOLOGY}/condition-ver-status`;
export const CONDITION_CATEGORY = `${TERMINOLOGY}/condition-category`;

type Route = z.infer<typeof medicationRoute> | z.infer<typeof immunizationRoute>;
type Table<Key extends string> = Readonly<Record<Key, readonly [code: string, display: string]>>;

const routes: Table<Route> = {
  oral: ['26643006', 'Oral route'],
  sublingual: ['37839007', 'Sublingual route'],
  inhalation: ['447694001', 'Respiratory tract route'],
  nasal: ['46713006', 'Nasal route'],
  topical: ['6064005', 'Topical route'],
  transdermal: ['45890007', 'Transdermal route'],
  ocular: ['54485002', 'Ophthalmic route'],
  rectal: ['37161004', 'Rectal route'],
  vaginal: ['16857009', 'Vaginal route'],
  subcutaneous: ['34206005', 'Subcutaneous route'],
  intramuscular: ['78421000', 'Intramuscular route'],
  intravenous: ['47625008', 'Intravenous route'],
  intradermal: ['372464004', 'Intradermal route'],
};

const sites: Table<z.infer<typeof immunizationSite>> = {
  'left-arm': ['LA', 'left arm'],
  'right-arm': ['RA', 'right arm'],
  'left-thigh': ['LT', 'left thigh'],
  'right-thigh': ['RT', 'right thigh'],
};

const severities: Table<z.infer<typeof severity>> = {
  mild: ['255604002', 'Mild'],
  moderate: ['6736007', 'Moderate'],
  severe: ['24484000', 'Severe'],
};

/** Of SNOMED International's free set for patient summaries, or of national lists of specimens that laboratories report. */
const specimens: Table<Exclude<z.infer<typeof specimenType>, 'other'>> = {
  'venous-blood': ['122555007', 'Venous blood specimen'],
  'arterial-blood': ['122552005', 'Arterial blood specimen'],
  'capillary-blood': ['122554006', 'Capillary blood specimen'],
  'blood-culture': ['446131002', 'Blood specimen obtained for blood culture'],
  urine: ['122575003', 'Urine specimen'],
  'midstream-urine': ['258574006', 'Mid-stream urine specimen'],
  sputum: ['119334006', 'Sputum specimen'],
  stool: ['119339001', 'Stool specimen'],
  csf: ['258450006', 'Cerebrospinal fluid specimen'],
  'wound-swab': ['258531008', 'Wound swab'],
  'throat-swab': ['258529004', 'Throat swab'],
  'nasopharyngeal-swab': ['258500001', 'Nasopharyngeal swab'],
};

const classes: Table<VisitClass> = {
  AMB: ['AMB', 'ambulatory'],
  EMER: ['EMER', 'emergency'],
  IMP: ['IMP', 'inpatient encounter'],
  ACUTE: ['ACUTE', 'inpatient acute'],
  OBSENC: ['OBSENC', 'observation encounter'],
  SS: ['SS', 'short stay'],
};

/** A CodeableConcept of one coding; `text` where it is to be read otherwise. */
export function coded(system: string, code: string, display?: string, text?: string): JsonObject {
  return { coding: [{ system, code, ...(display !== undefined && { display }) }], ...(text !== undefined && { text }) };
}

export const routeOf = (route: Route): JsonObject => coded(SNOMED, ...routes[route], route);
export const siteOf = (site: z.infer<typeof immunizationSite>): JsonObject => coded(ACT_SITE, ...sites[site]);
export const severityOf = (one: z.infer<typeof severity>): JsonObject => coded(SNOMED, ...severities[one]);

/** Which of a small list a concept is, by its code; null where it is none of them. */
function keyIn<Key extends string>(table: Table<Key>, concept: unknown): Key | null {
  const codes = listOf(objectOf(concept)['coding']).map(({ code }) => code);
  const found = (Object.entries(table) as [Key, Table<Key>[Key]][]).find(([, [code]]) => codes.includes(code));
  return found?.[0] ?? null;
}

export const severityIn = (concept: unknown) => keyIn(severities, concept);
export const siteIn = (concept: unknown) => keyIn(sites, concept);

/** What a specimen is; the words, where there are any, say it more closely. */
export function specimenOf(type: z.infer<typeof specimenType>, words: string | null): JsonObject {
  if (type === 'other') return { text: words };
  const [code, display] = specimens[type];
  return coded(SNOMED, code, display, words ?? display);
}

/** What `specimenOf` has made a concept of: words that only repeat the type were not typed. */
export function specimenTypeIn(concept: unknown): { type: z.infer<typeof specimenType>; text: string | null } {
  const text = textOf(objectOf(concept)['text']) ?? null;
  const type = keyIn(specimens, concept) ?? 'other';
  return { type, text: type !== 'other' && text === specimens[type][1] ? null : text };
}

/** R4 Encounter.class is a Coding, not a concept. */
export function classOf(one: VisitClass): JsonObject {
  const [code, display] = classes[one];
  return { system: `${TERMINOLOGY}/v3-ActCode`, code, display };
}

/** The statement that there are no allergies (design rule 7). */
export const noKnownAllergy: JsonObject = coded(SNOMED, '716186003', 'No known allergy', 'No known allergies');
