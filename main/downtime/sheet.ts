import type { ChartSummary, Medication, ObservationItem } from '../../preload/contract/chart.ts';
import type { PendingChange } from '../../preload/contract/sync.ts';
import type { Sheet } from '../access/sheets.ts';
import { type Block, linesOf, type RunningHead, rowsOf, type SheetOfBlocks } from './blocks.ts';
import { nothing, opening } from './parts.ts';
import { alerts, allergies, allergyLine } from './safety.ts';
import {
  bornWords,
  dateWords,
  flagWords,
  knownWords,
  MARK_WORDS,
  momentWords,
  mrnWords,
  nameWords,
  sexWords,
  shortened,
  valueWords,
} from './words.ts';

/** What holds of all sheets that are made together. */
export interface SheetFacts {
  readonly host: string;
  /** Milliseconds. */
  readonly now: number;
  readonly gridStartHour: number;
}

const CURRENT_MEDICINES = new Set(['active', 'on-hold', 'intended', 'draft', 'unknown', '']);

/** A patient's sheet. What has to be known first comes first. */
export function sheetBlocks(sheet: Sheet, facts: SheetFacts, nameAlert: string | null): SheetOfBlocks {
  const { chart } = sheet;
  return {
    head: headOf(sheet, facts, nameAlert),
    blocks: [
      ...identity(chart),
      ...alerts(chart),
      ...allergies(chart),
      ...changes(sheet),
      ...medicines(chart, facts),
      ...vitals(sheet),
      ...results(chart),
      ...problems(chart),
      { kind: 'title', text: 'Signatures' },
      ...Array.from({ length: 4 }, (): Block => ({ kind: 'blank', labels: ['Name', 'Role', 'Initials', 'Signature'] })),
    ],
  };
}

const SECTIONS = ['alerts', 'allergies', 'medications', 'vitals', 'results', 'problems'] as const;

function headOf({ chart }: Sheet, { host }: SheetFacts, nameAlert: string | null): RunningHead {
  const { patient } = chart;
  const unsure = SECTIONS.filter((name) => !knownWords(chart[name]).isSafe);
  const at = chart.asOf === null ? 'a time that is not known' : dateWords(chart.asOf);
  const warning = unsure.length === 0 ? 'All sections complete.' : `NOT COMPLETE: ${unsure.join(', ')}.`;
  const dead = patient.deceased === false ? null : deathWords(patient.deceased);
  const marks = patient.marks.map((mark) => MARK_WORDS[mark]);
  return {
    name: shortened(nameWords(patient.name), 60),
    facts: [
      bornWords(patient),
      shortened(mrnWords(patient), 44),
      sexWords(patient),
      shortened(patient.location ?? 'No location coded', 60),
    ],
    allergies: shortened(allergyLine(chart), 160),
    line: `Known as at ${at} from server ${shortened(host, 60)}. ${warning}`,
    alert: [...marks, dead, nameAlert].filter((one) => one !== null).join(' · ') || null,
  };
}

const deathWords = (deceased: true | string) => (deceased === true ? 'DECEASED' : `DIED ${dateWords(deceased)}`);

function identity({ patient }: ChartSummary): Block[] {
  const others = patient.identifiers.map(({ label, value }) => `${label} ${value}`).join('; ');
  const cells = [
    { text: nameWords(patient.name), tone: 'strong' as const },
    { text: `${bornWords(patient)}; ${sexWords(patient)}` },
    { text: others || 'No identifier recorded' },
    { text: patient.location ?? 'No location coded' },
  ];
  return [
    { kind: 'title', text: 'Patient' },
    { kind: 'columns', table: 'identity', cells: ['Name in full', 'Born', 'Identifiers', 'Location'] },
    ...rowsOf('identity', cells),
  ];
}

function changes({ changes: items, hiddenChanges }: Sheet): Block[] {
  if (items.length === 0 && hiddenChanges === 0) return [];
  const rows = items.flatMap(({ title, changedAt, action, state }: PendingChange) =>
    rowsOf('changes', [
      { text: 'NOT YET SENT', tone: 'alert' },
      { text: action === 'create' ? title : `${title} (${action})` },
      { text: `${dateWords(changedAt)}; ${state}` },
    ]),
  );
  const hidden = `${hiddenChanges} more that may not be printed: open them in Wardlight.`;
  return [
    { kind: 'title', text: 'Written on this workstation, not yet sent' },
    ...rows,
    ...(hiddenChanges > 0 ? linesOf(hidden, 'alert') : []),
  ];
}

function medicines({ medications: part }: ChartSummary, { gridStartHour }: SheetFacts): Block[] {
  // `active (proposal)`: it is no order, and is printed with that word.
  const current = part.items.filter(({ status }) => CURRENT_MEDICINES.has(status.replace(/ \(.*/, '')));
  const hours = Array.from({ length: 24 }, (_, hour) => String((gridStartHour + hour) % 24).padStart(2, '0'));
  return [
    ...opening('Current medicines – administration record', part),
    ...(current.length === 0 ? [nothing(part)] : []),
    ...(current.length === 0
      ? []
      : ([
          { kind: 'blank', labels: ['Date of this grid', 'Checked by'] },
          { kind: 'columns', table: 'medicines', cells: ['Medicine', 'Dose, route, frequency', 'Status, last change'] },
        ] as const)),
    ...current.flatMap((one) => rowsOf('medicines', medicineCells(one), { hours })),
  ];
}

/** After NHS CUI: the drug, then how it is given, then its status. */
function medicineCells({ drug, dosage, asNeeded, status, authored, author, source }: Medication) {
  const isHeld = status !== 'active';
  const told = [
    status === '' ? 'status not recorded' : status.replaceAll('-', ' '),
    dateWords(authored),
    author,
    source === 'MedicationStatement' ? 'as reported' : null,
  ];
  const given = [dosage === '' ? 'DOSE NOT RECORDED' : dosage, asNeeded ? 'AS NEEDED' : null]
    .filter(Boolean)
    .join(' – ');
  return [
    { text: drug, tone: 'strong' as const },
    { text: given },
    { text: told.filter(Boolean).join('; '), tone: isHeld ? ('alert' as const) : ('plain' as const) },
  ];
}

function vitals({ chart: { vitals: part }, recentVitals }: Sheet): Block[] {
  const groups = new Map<string, ObservationItem[]>();
  for (const item of recentVitals.items) groups.set(item.code, [...(groups.get(item.code) ?? []), item]);
  const older = part.items.filter(({ code }) => !groups.has(code));
  const rows = [...groups.values()].flatMap((items) => vitalRows(items, ''));
  const olderRows = older.flatMap((item) => vitalRows([item], 'None in 24 h; last: '));
  return [
    ...opening('Vital signs of the last 24 hours', part),
    ...(recentVitals.more ? linesOf('Only the newest are printed.', 'alert') : []),
    ...(rows.length + olderRows.length === 0 ? [nothing(part)] : []),
    ...(rows.length + olderRows.length === 0
      ? []
      : [{ kind: 'columns', table: 'vitals', cells: ['Sign', 'Values, the newest first'] } as const]),
    ...rows,
    ...olderRows,
  ];
}

function vitalRows(items: readonly ObservationItem[], lead: string): Block[] {
  const values = items.map((item) => `${dateWords(item.effective)}: ${valueWords(item)}`);
  return rowsOf('vitals', [{ text: items[0]?.name ?? '', tone: 'strong' }, { text: lead + values.join(' | ') }]);
}

function results({ results: part }: ChartSummary): Block[] {
  const rows = part.items.flatMap((item) =>
    rowsOf('results', [
      { text: item.name, tone: 'strong' },
      { text: valueWords(item), tone: flagWords(item.flag) === '' ? 'plain' : 'alert' },
      { text: item.range ?? '' },
      { text: dateWords(item.effective) },
    ]),
  );
  return [
    ...opening('Latest results', part),
    ...(rows.length === 0
      ? [nothing(part)]
      : [{ kind: 'columns', table: 'results', cells: ['Test', 'Value', 'Reference range', 'Taken'] } as const]),
    ...rows,
  ];
}

function problems({ problems: part }: ChartSummary): Block[] {
  const isPast = ({ clinicalStatus, verificationStatus }: (typeof part.items)[number]) =>
    ['inactive', 'remission', 'resolved'].includes(clinicalStatus) ||
    ['refuted', 'entered-in-error'].includes(verificationStatus);
  const rows = part.items
    .filter((one) => !isPast(one))
    .flatMap(({ text, onset, clinicalStatus, verificationStatus }) =>
      rowsOf('problems', [
        { text, tone: 'strong' },
        { text: `${clinicalStatus}, ${verificationStatus}` },
        { text: onset === null ? 'onset not recorded' : `since ${dateWords(onset)}` },
      ]),
    );
  return [...opening('Problems', part), ...(rows.length === 0 ? [nothing(part)] : []), ...rows];
}

/** The foot of every page. */
export function footWords(printedBy: string, madeAt: number): string {
  return `Printed by ${shortened(printedBy, 80)} · made ${momentWords(new Date(madeAt))} · Wardlight downtime sheet: not a live record, destroy it as confidential waste`;
}
