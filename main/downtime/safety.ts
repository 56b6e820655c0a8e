import type { Allergy, ChartSummary } from '../../preload/contract/chart.ts';
import { type Block, linesOf, rowsOf } from './blocks.ts';
import { nothing, opening } from './parts.ts';
import type { Words } from './words.ts';

const CODE_STATUS = /code.?status|resus|\bDNA?CPR\b|\bDNA?R\b|advance.?(care|directive)|treatment limit/i;

export function alerts(words: Words, chart: ChartSummary): Block[] {
  const { t, date: dateWords } = words;
  const warnings = {
    'code-status': t('Code status'),
    infection: t('Infection control'),
    pregnancy: t('Pregnancy'),
  } as const;
  const { alerts: part } = chart;
  const isStatus = ({ text, category, warns }: (typeof part.items)[number]) =>
    warns === 'code-status' || CODE_STATUS.test(`${category ?? ''} ${text}`);
  const warned = recordedElsewhere(chart);
  const isKnown = part.items.some(isStatus) || warned.some(({ warns }) => warns === 'code-status');
  const sorted = [...part.items.filter(isStatus), ...part.items.filter((one) => !isStatus(one))];
  // Where one may be withheld, nothing is said to be absent.
  const absent = words.isNone(part)
    ? t('Code status: none recorded as an alert – ask')
    : t('Code status: {known}', { known: words.empty(part) });
  return [
    ...opening(words, t('Code status and alerts'), part),
    ...(isKnown ? [] : linesOf(absent, 'strong')),
    ...warned.flatMap(({ warns, text, date }) =>
      rowsOf('alerts', [{ text: warnings[warns] }, { text: `${text} (${dateWords(date)})`, tone: 'alert' }]),
    ),
    ...sorted.flatMap((one) =>
      rowsOf('alerts', [{ text: one.category ?? t('Alert') }, { text: one.text, tone: 'alert' }]),
    ),
    ...(part.items.length + warned.length === 0 ? [nothing(words, part)] : []),
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
function absenceWords({ t, allergies: absent }: Words, chart: ChartSummary): string | null {
  if (chart.allergyStatement !== 'recorded') return absent[chart.allergyStatement];
  return activeAllergies(chart).length === 0 ? t('Recorded – open them in Wardlight') : null;
}

/** On top of every page. */
export function allergyLine(words: Words, chart: ChartSummary): string {
  const { t } = words;
  const substances = activeAllergies(chart).map(({ substance, criticality }) =>
    criticality === 'high' ? t('{substance} (HIGH)', { substance }) : substance,
  );
  return t('Allergies: {list}', { list: absenceWords(words, chart) ?? substances.join(', ') });
}

export function allergies(words: Words, chart: ChartSummary): Block[] {
  const { t } = words;
  const active = activeAllergies(chart);
  const absence = absenceWords(words, chart);
  return [
    ...opening(words, t('Allergies'), chart.allergies),
    ...(absence === null ? [] : linesOf(absence, 'strong')),
    ...(active.length === 0
      ? []
      : [
          {
            kind: 'columns',
            table: 'allergies',
            cells: [t('Substance'), t('Criticality'), t('Reaction'), t('Certainty, note')],
          } as const,
        ]),
    ...active.flatMap((one) => allergyRows(words, one)),
  ];
}

function allergyRows(
  { t, code }: Words,
  { substance, criticality, reactions, verificationStatus, note }: Allergy,
): Block[] {
  const shown = reactions.map(({ manifestation, severity }) =>
    severity ? `${manifestation} (${code(severity)})` : manifestation,
  );
  return rowsOf('allergies', [
    { text: substance, tone: 'alert' },
    { text: criticality === 'high' ? t('HIGH') : code(criticality) },
    { text: shown.join('; ') || t('not recorded') },
    { text: [code(verificationStatus), note].filter(Boolean).join('; ') },
  ]);
}
