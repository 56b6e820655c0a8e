import type { ChartSummary } from '../../../preload/contract/chart.ts';
import { t } from '../../words/t.ts';

export interface Warning {
  readonly id: string;
  readonly type: 'Flag' | 'Condition' | 'Observation' | 'Consent';
  readonly kind: 'code-status' | 'pregnancy' | 'infection';
  readonly text: string;
  readonly date: string | null;
  readonly encrypted: readonly string[];
}

export const WARNING_LABELS: Readonly<Record<Warning['kind'], string>> = {
  'code-status': t('code status'),
  infection: t('infection control'),
  pregnancy: t('pregnancy'),
};

const KINDS = ['code-status', 'infection', 'pregnancy'] as const;

/** What the banner warns of, by kind, wherever it is recorded; the newest of a kind first. */
export function warningsOf({
  alerts,
  problems,
  stated,
}: Pick<ChartSummary, 'alerts' | 'problems' | 'stated'>): readonly (readonly [Warning['kind'], readonly Warning[]])[] {
  const all = [
    ...alerts.items.flatMap(({ id, text, since, warns, encrypted }): Warning[] =>
      warns === null ? [] : [{ id, type: 'Flag', kind: warns, text, date: since, encrypted }],
    ),
    ...problems.items.flatMap(({ id, text, onset, recorded, warns, encrypted }): Warning[] =>
      warns === null ? [] : [{ id, type: 'Condition', kind: warns, text, date: onset ?? recorded, encrypted }],
    ),
    ...stated.map(
      ({ id, type, text, date, warns, encrypted }): Warning => ({ id, type, kind: warns, text, date, encrypted }),
    ),
  ];
  return KINDS.flatMap((kind) => {
    const found = all.filter((one) => one.kind === kind).toSorted((a, b) => timeOf(b) - timeOf(a));
    return found.length === 0 ? [] : [[kind, found] as const];
  });
}

function timeOf({ date }: Warning): number {
  const time = date === null ? Number.NaN : Date.parse(date);
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
}
