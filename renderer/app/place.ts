import type { CorrectableType } from '../../preload/contract/clinical.ts';
import type { FormDraftType } from '../features/charting/draftKinds.ts';

/** What of a chart is shown first, where somebody comes from a change that needs work, a draft, or a search. */
export type ChartStart =
  | { readonly kind: 'read-note'; readonly noteId: string }
  /** The trend of a measured value. */
  | { readonly kind: 'trend'; readonly code: string }
  /** Any other record, element by element. */
  | { readonly kind: 'record'; readonly type: string; readonly id: string }
  | { readonly kind: 'amend-note'; readonly noteId: string }
  | { readonly kind: 'new-note' }
  | { readonly kind: 'form-draft'; readonly type: FormDraftType }
  /** A rejected change of a record, in the form in which it was written. */
  | { readonly kind: 'correct'; readonly type: CorrectableType; readonly id: string }
  | { readonly kind: 'correct-vital'; readonly observationId: string }
  /** Empty for a new vital sign. */
  | { readonly kind: 'vital-draft'; readonly observationId: string | null };

/** Where in the unlocked program a person is. */
export type Place =
  | { readonly kind: 'list' }
  | { readonly kind: 'chart'; readonly patientId: string; readonly start: ChartStart | null }
  | { readonly kind: 'sync'; readonly changeId: string | null }
  | { readonly kind: 'alarms' }
  /** Who has seen a chart; `back`: where somebody has come from. */
  | { readonly kind: 'accesses'; readonly patientId: string; readonly back: Place };

export const LIST: Place = { kind: 'list' };
