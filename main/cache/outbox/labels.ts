/** Words for elements of the records that clinicians write; others are told by their own name, in words. */
const labels: Readonly<Record<string, string>> = {
  abatement: 'Resolved',
  authoredOn: 'Ordered on',
  bodySite: 'Body site',
  category: 'Category',
  clinicalStatus: 'Clinical status',
  code: 'What it is',
  component: 'Parts',
  content: 'Text',
  criticality: 'Criticality',
  dataAbsentReason: 'Why there is no value',
  date: 'Date',
  dateAsserted: 'Reported on',
  description: 'Description',
  docStatus: 'Document status',
  dosageInstruction: 'Dosage',
  effective: 'Time',
  encounter: 'Encounter',
  interpretation: 'Interpretation',
  issued: 'Issued',
  lastOccurrence: 'Last occurrence',
  medication: 'Medication',
  note: 'Note',
  occurrence: 'Time',
  onset: 'Onset',
  performed: 'Performed',
  performer: 'Performed by',
  reaction: 'Reaction',
  reasonCode: 'Reason',
  recordedDate: 'Recorded on',
  recorder: 'Recorded by',
  referenceRange: 'Reference range',
  relatesTo: 'Relates to',
  requester: 'Ordered by',
  severity: 'Severity',
  status: 'Status',
  subject: 'Patient',
  type: 'Type',
  value: 'Value',
  verificationStatus: 'Verification',
};

/** Name of a top-level element for a clinician. */
export function labelOf(path: string): string {
  return (Object.hasOwn(labels, path) ? labels[path] : undefined) ?? inWords(path);
}

/** `statusReason` as `Status reason`. */
export function inWords(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
