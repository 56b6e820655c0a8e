import type { PatientMark } from '../../../preload/contract/patients.ts';
import { idKey } from '../id-key.ts';
import { labelsOf } from '../ingest/labels.ts';
import { cachedResource } from '../ingest/location.ts';
import { field, items, parseReference, text } from '../json.ts';
import type { ReadDb } from '../open.ts';
import { sql } from '../statements.ts';

/** Identifiers, tags and extensions by which an organisation tells its test patients. */
export type TestPatients = readonly string[];

const ACT_REASON = new Set([
  'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  'http://hl7.org/fhir/v3/ActReason',
  'urn:oid:2.16.840.1.113883.5.8',
]);

const ORDER: readonly PatientMark[] = ['merged', 'test', 'very-restricted', 'restricted', 'label-unknown'];

/** What must be known of a patient's record before anything else of it. */
function marksOf(patient: unknown, labels: string, testPatients: TestPatients): PatientMark[] {
  const { confidentiality } = labelsOf(labels);
  const found: (PatientMark | null)[] = [
    replacementOf(patient) === null ? null : 'merged',
    isTest(patient, testPatients) ? 'test' : null,
    confidentiality === 'V' ? 'very-restricted' : null,
    confidentiality === 'R' ? 'restricted' : null,
    confidentiality === 'unknown' ? 'label-unknown' : null,
  ];
  return ORDER.filter((mark) => found.includes(mark));
}

/**
 * `system` or `system|value` of an identifier, `system|code` of a tag or a security label, or the address of an
 * extension; HTEST always.
 */
function isTest(patient: unknown, testPatients: TestPatients): boolean {
  const codings = [...items(patient, 'meta', 'security'), ...items(patient, 'meta', 'tag')];
  if (codings.some((one) => ACT_REASON.has(text(one, 'system') ?? '') && text(one, 'code') === 'HTEST')) return true;
  if (testPatients.length === 0) return false;
  const told = [
    ...codings.map((one) => `${text(one, 'system')}|${text(one, 'code')}`),
    ...items(patient, 'identifier').flatMap((one) => [
      text(one, 'system') ?? '',
      `${text(one, 'system')}|${text(one, 'value')}`,
    ]),
    // An extension that says no is none.
    ...items(patient, 'extension').flatMap((one) =>
      field(one, 'valueBoolean') === false ? [] : (text(one, 'url') ?? []),
    ),
  ];
  return told.some((one) => testPatients.includes(one));
}

/** Id of the Patient by which a Patient was replaced (R4 patient.html, link); empty where that isn't said; null for none. */
export function replacementOf(patient: unknown): string | null {
  const link = items(patient, 'link').find((one) => text(one, 'type') === 'replaced-by');
  if (link === undefined) return null;
  const other = parseReference(field(link, 'other', 'reference'));
  return other?.type === 'Patient' ? other.id : '';
}

/**
 * The marks of a cached Patient. Nearly all have none, which is cheap to ask of the text; a name can be written with
 * escapes (RFC 8259, 7), so that those are read too.
 */
export function readMarks(db: ReadDb, id: string, testPatients: TestPatients): PatientMark[] {
  const row = sql(
    db,
    `SELECT l.labels, CASE WHEN ? OR instr(r.body, 'replaced-by') OR instr(r.body, 'HTEST') OR instr(r.body, '\\u00')
       THEN r.body END AS body
     FROM resource r LEFT JOIN label l ON l.lid = r.label
     WHERE r.type = (SELECT tid FROM term WHERE text = 'Patient') AND r.key = ? AND r.id = ?`,
  ).get(testPatients.length > 0 ? 1 : 0, idKey(id), id) as { body: string | null; labels: string | null } | undefined;
  return row ? marksOf(row.body === null ? null : JSON.parse(row.body), row.labels ?? '', testPatients) : [];
}

/** Whether a patient's record was replaced by another one: nothing is written into it any more. */
export function isReplaced(db: ReadDb, id: string): boolean {
  return replacementOf(cachedResource(db, 'Patient', id)) !== null;
}
