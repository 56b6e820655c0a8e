import type { DocumentReference } from 'fhir/r4';

const LETTER = `<h1>Discharge letter</h1>
<p>Admitted with <b>community-acquired pneumonia</b>, treated and well.</p>
<h2>Medication</h2>
<table><tr><th>Drug</th><th>Dose</th></tr><tr><td>Metformin</td><td><del>500 mg</del> 1000 mg twice a day</td></tr></table>
<ol><li>Bloods in one week<ul><li>renal function</li></ul></li><li>Clinic in <em>six</em> weeks</li></ol>
<p><img src="https://example.org/x.png" alt="wound of the left hand"></p>`;

/** A formatted letter, with all that the reader can show. */
export function letterOf(patientId: string): DocumentReference {
  return {
    ...{ resourceType: 'DocumentReference', id: 'letter', status: 'current', docStatus: 'final' },
    ...{ description: 'Discharge letter', subject: { reference: `Patient/${patientId}` } },
    date: '2026-03-01T10:00:00Z',
    content: [{ attachment: { contentType: 'text/html', data: Buffer.from(LETTER).toString('base64') } }],
  } as DocumentReference;
}
