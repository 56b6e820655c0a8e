import type { Allergy, ChartSummary } from '../../preload/contract/chart.ts';
import { type Block, linesOf, rowsOf } from './blocks.ts';
import { nothing, opening } from './parts.ts';
import { ALLERGY_WORDS, dateWords, emptyWords } from './words.ts';

const WARNING_WORDS = {
  'code-status': 'Code status',
  infection: 'Infection control',
  pregnancy: 'Pregnancy',
} as const;
const CODE_STATUS = /code.?status|resus|\bDNA?CPR\b|\bDNA?R\b|advance.?(care|directive)|treatment limit/i;

export function alerts(chart: ChartSummary): Block[] {
  const { alerts: part } = chart;
  const isStatus = ({ text, category, warns }: (typeof part.items)[number]) =>
    warns === 'code-status' || CODE_STATUS.test(`${category ?? ''} ${text}`);
  const warned = recordedElsewhere(chart);
  const isKnown = part.items.some(isStatus) || warned.some(({ warns }) => warns === 'code-status');
  const sorted = [...part.items.filter(isStatus), ...part.items.filter((one) => !isStatus(one))];
  // Where one may be withheld, nothing is said to be absent.
  const said = emptyWords(part);
  const known = said === 'None recorded' ? 'none recorded as an alert – ask' : said;
  return [
    ...opening('Code status and alerts', part),
    ...(isKnown ? [] : linesOf(`Code status: ${known}`, 'strong')),
    ...warned.flatMap(({ warns, text, date }) =>
      rowsOf('alerts', [{ text: WARNING_WORDS[warns] }, { text: `${text} (${dateWords(date)})`, tone: 'alert' }]),
    ),
    ...sorted.flatMap((one) =>
      rowsOf('alerts', [{ text: one.category ?? 'Alert' }, { text: one.text, tone: 'alert' }]),
    ),
    ...(part.items.length + warned.length === 0 ? [nothing(part)] : []),
  ];
}

/** What the banner warns of that is no alert of its own: code status first, then infection control and pregnancy. */
function recordedElsewhere({ problems: { items }, stated }: ChartSummary) {
  const problems = items.flatMap(({ text, onset, recorded, warns }) =>
    warns === null ? [] : [{ warns, text, date: onset ?? recorded }],
  );
  const all = [...stated, ...problems];
  return (['code-status', 'infection', 'pregnancy'] as const).flatMap((kind) =>
    all.filter(({ warns }) => warns === kind),
  );
}

const BY_CRITICALITY = { high: 0, 'unable-to-assess': 1, unknown: 1, low: 2 } as const;

/** Those that hold, the worst first; one of an unknown status counts. */
function activeAllergies({ allergies: { items } }: ChartSummary): Allergy[] {
  return items
    .filter(
      ({ clinicalStatus, verificationStatus }) =>
        verificationStatus !== 'refuted' &&
        verificationStatus !== 'entered-in-error' &&
        (clinicalStatus === 'active' || clinicalStatus === 'unknown'),
    )
    .toSorted((a, b) => BY_CRITICALITY[a.criticality] - BY_CRITICALITY[b.criticality]);
}

/** What is said of allergies where none is listed; null where some are. */
function absenceWords(chart: ChartSummary): string | null {
  if (chart.allergyStatement !== 'recorded') return ALLERGY_WORDS[chart.allergyStatement];
  return activeAllergies(chart).length === 0 ? 'Recorded – open them in Wardlight' : null;
}

/** On top of every page. */
export function allergyLine(chart: ChartSummary): string {
  const substances = activeAllergies(chart).map(({ substance, criticality }) =>
    criticality === 'high' ? `${substance} (HIGH)` : substance,
  );
  return `Allergies: ${absenceWords(chart) ?? substances.join(', ')}`;
}

export function allergies(chart: ChartSummary): Block[] {
  const active = activeAllergies(chart);
  const absence = absenceWords(chart);
  return [
    ...opening('Allergies', chart.allergies),
    ...(absence === null ? [] : linesOf(absence, 'strong')),
    ...(active.length === 0
      ? []
      : [
          {
            kind: 'columns',
            table: 'allergies',
            cells: ['Substance', 'Criticality', 'Reaction', 'Certainty, note'],
          } as const,
        ]),
    ...active.flatMap(allergyRows),
  ];
}

function allergyRows({ substance, criticality, reactions, verificationStatus, note }: Allergy): Block[] {
  const shown = reactions.map(({ manifestation, severity }) =>
    severity ? `${manifestation} (${severity})` : manifestation,
  );
  return rowsOf('allergies', [
    { text: substance, tone: 'alert' },
    { text: criticality === 'high' ? 'HIGH' : criticality.replaceAll('-', ' ') },
    { text: shown.join('; ') || 'not recorded' },
    { text: [verificationStatus, note].filter(Boolean).join('; ') },
  ]);
}
