import type { ChartSummary, Medication, ObservationItem } from '../../preload/contract/chart.ts';
import type { PendingChange } from '../../preload/contract/sync.ts';
import type { Sheet } from '../access/sheets.ts';
import { type Block, linesOf, type RunningHead, rowsOf, type SheetOfBlocks } from './blocks.ts';
import { nothing, opening } from './parts.ts';
import { alerts, allergies, allergyLine } from './safety.ts';
import type { Words } from './words.ts';

/** What holds of all sheets that are made together. */
export interface SheetFacts {
  readonly words: Words;
  readonly host: string;
  /** Milliseconds. */
  readonly now: number;
  readonly gridStartHour: number;
}

const CURRENT_MEDICINES = new Set(['active', 'on-hold', 'intended', 'draft', 'unknown', '']);

/** A patient's sheet. What has to be known first comes first. */
export function sheetBlocks(sheet: Sheet, facts: SheetFacts, nameAlert: string | null): SheetOfBlocks {
  const { chart } = sheet;
  const { words } = facts;
  const { t } = words;
  return {
    head: headOf(sheet, facts, nameAlert),
    blocks: [
      ...identity(words, chart),
      ...alerts(words, chart),
      ...allergies(words, chart),
      ...changes(words, sheet),
      ...medicines(chart, facts),
      ...vitals(words, sheet),
      ...results(words, chart),
      ...problems(words, chart),
      { kind: 'title', text: t('Signatures') },
      ...Array.from(
        { length: 4 },
        (): Block => ({ kind: 'blank', labels: [t('Name'), t('Role'), t('Initials'), t('Signature')] }),
      ),
    ],
  };
}

const SECTIONS = ['alerts', 'allergies', 'medications', 'vitals', 'results', 'problems'] as const;

function headOf({ chart }: Sheet, { host, words }: SheetFacts, nameAlert: string | null): RunningHead {
  const { patient } = chart;
  const { t, shortened } = words;
  const names: Readonly<Record<(typeof SECTIONS)[number], string>> = {
    alerts: t('alerts'),
    allergies: t('allergies'),
    medications: t('medications'),
    vitals: t('vitals'),
    results: t('results'),
    problems: t('problems'),
  };
  const unsure = SECTIONS.filter((name) => !words.known(chart[name]).isSafe).map((name) => names[name]);
  const at = chart.asOf === null ? t('a time that is not known') : words.date(chart.asOf);
  const known = t('Known as at {at} from server {host}.', { at, host: shortened(host, 60) });
  const warning =
    unsure.length === 0 ? t('All sections complete.') : t('NOT COMPLETE: {parts}.', { parts: unsure.join(', ') });
  const marks = patient.marks.map((mark) => words.marks[mark]);
  return {
    name: shortened(words.name(patient.name), 60),
    facts: [
      words.born(patient),
      shortened(words.mrn(patient), 44),
      words.sex(patient),
      shortened(patient.location ?? t('No location coded'), 60),
    ],
    allergies: shortened(allergyLine(words, chart), 160),
    line: `${known} ${warning}`,
    alert: [...marks, deathOf(words, patient.deceased), nameAlert].filter((one) => one !== null).join(' · ') || null,
  };
}

function deathOf({ t, date }: Words, deceased: boolean | string): string | null {
  if (deceased === false) return null;
  return deceased === true ? t('DECEASED') : t('DIED {date}', { date: date(deceased) });
}

function identity(words: Words, { patient }: ChartSummary): Block[] {
  const { t } = words;
  const others = patient.identifiers.map(({ label, value }) => `${label} ${value}`).join('; ');
  const cells = [
    { text: words.name(patient.name), tone: 'strong' as const },
    { text: `${words.born(patient)}; ${words.sex(patient)}` },
    { text: others || t('No identifier recorded') },
    { text: patient.location ?? t('No location coded') },
  ];
  return [
    { kind: 'title', text: t('Patient') },
    { kind: 'columns', table: 'identity', cells: [t('Name in full'), t('Born'), t('Identifiers'), t('Location')] },
    ...rowsOf('identity', cells),
  ];
}

function changes({ t, code, date }: Words, { changes: items, hiddenChanges }: Sheet): Block[] {
  if (items.length === 0 && hiddenChanges === 0) return [];
  const rows = items.flatMap(({ title, changedAt, action, state }: PendingChange) =>
    rowsOf('changes', [
      { text: t('NOT YET SENT'), tone: 'alert' },
      { text: action === 'create' ? title : `${title} (${code(action)})` },
      { text: `${date(changedAt)}; ${code(state)}` },
    ]),
  );
  const hidden = t('{count} more that may not be printed: open them in Wardlight.', { count: hiddenChanges });
  return [
    { kind: 'title', text: t('Written on this workstation, not yet sent') },
    ...rows,
    ...(hiddenChanges > 0 ? linesOf(hidden, 'alert') : []),
  ];
}

function medicines({ medications: part }: ChartSummary, { gridStartHour, words }: SheetFacts): Block[] {
  const { t } = words;
  // `active (proposal)`: it is no order, and is printed with that word.
  const current = part.items.filter(({ status }) => CURRENT_MEDICINES.has(status.replace(/ \(.*/, '')));
  const hours = Array.from({ length: 24 }, (_, hour) => String((gridStartHour + hour) % 24).padStart(2, '0'));
  return [
    ...opening(words, t('Current medicines – administration record'), part),
    ...(current.length === 0 ? [nothing(words, part)] : []),
    ...(current.length === 0
      ? []
      : ([
          { kind: 'blank', labels: [t('Date of this grid'), t('Checked by')] },
          {
            kind: 'columns',
            table: 'medicines',
            cells: [t('Medicine'), t('Dose, route, frequency'), t('Status, last change')],
          },
        ] as const)),
    ...current.flatMap((one) => rowsOf('medicines', medicineCells(words, one), { hours })),
  ];
}

/** After NHS CUI: the drug, then how it is given, then its status. */
function medicineCells(words: Words, { drug, dosage, asNeeded, status, authored, author, source }: Medication) {
  const { t } = words;
  const isHeld = status !== 'active';
  const told = [
    status === '' ? t('status not recorded') : orderOf(words, status),
    words.date(authored),
    author,
    source === 'MedicationStatement' ? t('as reported') : null,
  ];
  const given = [dosage === '' ? t('DOSE NOT RECORDED') : dosage, asNeeded ? t('AS NEEDED') : null]
    .filter(Boolean)
    .join(' – ');
  return [
    { text: drug, tone: 'strong' as const },
    { text: given },
    { text: told.filter(Boolean).join('; '), tone: isHeld ? ('alert' as const) : ('plain' as const) },
  ];
}

/** `active (proposal)`: the status, and the intent of what is no order. */
function orderOf({ code }: Words, status: string): string {
  const [, alone = '', intent = ''] = /^(\S+) \((\S+)\)$/.exec(status) ?? [];
  return alone === '' ? code(status) : `${code(alone)} (${code(intent)})`;
}

function vitals(words: Words, { chart: { vitals: part }, recentVitals }: Sheet): Block[] {
  const { t } = words;
  const groups = new Map<string, ObservationItem[]>();
  for (const item of recentVitals.items) groups.set(item.code, [...(groups.get(item.code) ?? []), item]);
  const older = part.items.filter(({ code }) => !groups.has(code));
  const rows = [...groups.values()].flatMap((items) => vitalRows(words, items, ''));
  const olderRows = older.flatMap((item) => vitalRows(words, [item], t('None in 24 h; last:')));
  return [
    ...opening(words, t('Vital signs of the last 24 hours'), part),
    ...(recentVitals.more ? linesOf(t('Only the newest are printed.'), 'alert') : []),
    ...(rows.length + olderRows.length === 0 ? [nothing(words, part)] : []),
    ...(rows.length + olderRows.length === 0
      ? []
      : [{ kind: 'columns', table: 'vitals', cells: [t('Sign'), t('Values, the newest first')] } as const]),
    ...rows,
    ...olderRows,
  ];
}

function vitalRows(words: Words, items: readonly ObservationItem[], lead: string): Block[] {
  const values = items.map((item) => `${words.date(item.effective)}: ${words.value(item)}`).join(' | ');
  return rowsOf('vitals', [
    { text: items[0]?.name ?? '', tone: 'strong' },
    { text: lead === '' ? values : `${lead} ${values}` },
  ]);
}

function results(words: Words, { results: part }: ChartSummary): Block[] {
  const { t } = words;
  const rows = part.items.flatMap((item) =>
    rowsOf('results', [
      { text: item.name, tone: 'strong' },
      { text: words.value(item), tone: words.flag(item.flag) === '' ? 'plain' : 'alert' },
      { text: item.range ?? '' },
      { text: words.date(item.effective) },
    ]),
  );
  return [
    ...opening(words, t('Latest results'), part),
    ...(rows.length === 0
      ? [nothing(words, part)]
      : [
          {
            kind: 'columns',
            table: 'results',
            cells: [t('Test'), t('Value'), t('Reference range'), t('Taken')],
          } as const,
        ]),
    ...rows,
  ];
}

function problems(words: Words, { problems: part }: ChartSummary): Block[] {
  const { t, code, date } = words;
  const isPast = ({ clinicalStatus, verificationStatus }: (typeof part.items)[number]) =>
    ['inactive', 'remission', 'resolved'].includes(clinicalStatus) ||
    ['refuted', 'entered-in-error'].includes(verificationStatus);
  const rows = part.items
    .filter((one) => !isPast(one))
    .flatMap(({ text, onset, clinicalStatus, verificationStatus }) =>
      rowsOf('problems', [
        { text, tone: 'strong' },
        { text: `${code(clinicalStatus)}, ${code(verificationStatus)}` },
        { text: onset === null ? t('onset not recorded') : t('since {date}', { date: date(onset) }) },
      ]),
    );
  return [...opening(words, t('Problems'), part), ...(rows.length === 0 ? [nothing(words, part)] : []), ...rows];
}

/** The foot of every page. */
export function footWords({ t, shortened, moment }: Words, printedBy: string, madeAt: number): string {
  return t(
    'Printed by {who} · made {when} · Wardlight downtime sheet: not a live record, destroy it as confidential waste',
    { who: shortened(printedBy, 80), when: moment(new Date(madeAt)) },
  );
}
