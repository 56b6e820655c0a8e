import type { Allergy, AllergyStatement, ChartSummary } from '../../../preload/contract/chart.ts';
import { isWithheld } from '../../parts/withheldWords.ts';
import { t } from '../../words/t.ts';

/** Allergies by how they are shown: entered-in-error ones were never true and stand with the past ones only. */
export interface SortedAllergies {
  readonly active: readonly Allergy[];
  readonly past: readonly Allergy[];
}

const CRITICALITY_ORDER = { high: 0, 'unable-to-assess': 1, unknown: 1, low: 2 } as const;

function isActive({ clinicalStatus, verificationStatus }: Allergy): boolean {
  if (verificationStatus === 'refuted' || verificationStatus === 'entered-in-error') return false;
  // An allergy of unknown status counts: the mistake in this direction is the safe one.
  return clinicalStatus === 'active' || clinicalStatus === 'unknown';
}

/** Active allergies, high criticality first, and those that hold no longer. */
export function sortAllergies(items: readonly Allergy[]): SortedAllergies {
  const active = items.filter(isActive);
  return {
    active: active.toSorted((a, b) => CRITICALITY_ORDER[a.criticality] - CRITICALITY_ORDER[b.criticality]),
    past: items.filter((item) => !isActive(item)),
  };
}

interface Statement {
  readonly words: string;
  readonly tone: 'plain' | 'warn';
}

/** What may be said where no allergy is listed (design rule 7). No two of these are the same words. */
export const STATEMENT_WORDS: Readonly<Record<Exclude<AllergyStatement, 'recorded'>, Statement>> = {
  'none-known': { words: t('No known allergies (recorded)'), tone: 'plain' },
  'no-known-drug-allergy': {
    words: t('No known drug allergies (recorded); other allergies not stated'),
    tone: 'plain',
  },
  'none-recorded': { words: t('None recorded – ask the patient'), tone: 'warn' },
  'not-fetched': { words: t('Allergies not available offline'), tone: 'warn' },
  'not-permitted': { words: t('Allergies: not permitted to view'), tone: 'warn' },
  restricted: { words: t('Allergy entries are restricted – open them in the allergies section'), tone: 'warn' },
  'partly-not-permitted': { words: t('Allergy entries are there that you are not permitted to view'), tone: 'warn' },
};

export interface AllergyLine {
  /** Words in place of a list; null where substances are listed. */
  readonly statement: Statement | null;
  readonly substances: readonly { readonly id: string; readonly words: string; readonly high: boolean }[];
  /** Said after the list or the statement where not everything was fetched; else null. */
  readonly caution: string | null;
}

/** The allergies of the banner: substances, or exactly what is known of their absence. */
export function allergyLine(chart: Pick<ChartSummary, 'allergyStatement' | 'allergies'>): AllergyLine {
  const { state, withheld } = chart.allergies;
  const cautions = [
    state === 'partial' ? t('list not completely fetched') : null,
    // Where it is not the statement itself.
    chart.allergyStatement === 'recorded' && isWithheld(withheld) ? t('further entries are not shown') : null,
  ].filter((caution) => caution !== null);
  const caution = cautions.length === 0 ? null : cautions.join('; ');
  if (chart.allergyStatement !== 'recorded') {
    return { statement: STATEMENT_WORDS[chart.allergyStatement], substances: [], caution };
  }
  const { active } = sortAllergies(chart.allergies.items);
  if (active.length === 0) {
    return { statement: { words: t('Recorded – see the allergies section'), tone: 'warn' }, substances: [], caution };
  }
  const substances = active.map(({ id, substance, criticality, verificationStatus }) => ({
    id,
    words: verificationStatus === 'unconfirmed' ? t('{substance} (unconfirmed)', { substance }) : substance,
    high: criticality === 'high',
  }));
  return { statement: null, substances, caution };
}
