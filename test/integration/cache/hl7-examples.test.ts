import { describe, expect, it } from 'vitest';
import { aboutPatient, hl7Examples } from '../../support/hl7-examples.ts';
import { openCharts } from './every-view.ts';
import { seesAll } from './support.ts';

const examples = hl7Examples();
/** A server's word about a request, and who is not the patient herself. */
const NO_ENTRY = ['OperationOutcome', 'Patient', 'RelatedPerson'];
/** HL7 has made no example of these; the other ones of R4 are all there. */
const WITHOUT_EXAMPLE = [
  ...['Parameters', 'SubstanceNucleicAcid', 'SubstancePolymer', 'SubstanceProtein'],
  ...['SubstanceReferenceInformation', 'SubstanceSourceMaterial'],
].map((resourceType) => ({ resourceType, id: 'made-up' }));

const everyType = [...new Set([...examples, ...WITHOUT_EXAMPLE].map(({ resourceType }) => resourceType))];
const typesOfAChart = seesAll.sight.shown.types;

describe("HL7's examples of R4", () => {
  const records = [...examples, ...WITHOUT_EXAMPLE]
    .filter(({ resourceType }) => !NO_ENTRY.includes(resourceType))
    .map((one) => aboutPatient(one, 'p'));
  const whole = [{ resourceType: 'Patient', id: 'p' }, ...records];

  it('are of all 146 types, but for six that have none', () => {
    expect(examples.length).toBeGreaterThan(700);
    expect(everyType).toHaveLength(146);
  });

  it('are each in the timeline of a chart that has all of them, and no view of it fails', async () => {
    const { shown } = await openCharts(['p'], whole, everyType).ask('p');
    const missing = records.filter(({ resourceType, id }) => !shown.has(`${resourceType}/${id}`));
    expect(missing.map(({ resourceType, id }) => `${resourceType}/${id}`)).toEqual([]);
  });

  it('are shown as far as they are of the types that a chart holds', async () => {
    const { shown } = await openCharts(['p'], whole).ask('p');
    const ofChart = records.filter(({ resourceType }) => typesOfAChart.includes(resourceType));
    expect(shown).toEqual(new Set(ofChart.map(({ resourceType, id }) => `${resourceType}/${id}`)));
  });

  it('of Patient are each a chart', async () => {
    const patients = examples.filter(({ resourceType }) => resourceType === 'Patient');
    const ids = patients.map(({ id }) => id);
    const { ask } = openCharts(ids, patients);
    for (const id of ids) await ask(id);
  });
});
