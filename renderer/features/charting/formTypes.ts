import type { Result } from '../../../preload/contract/channel.ts';
import type { Rejected } from '../../../preload/contract/charting.ts';
import type { SuggestKind } from '../../../preload/contract/clinical.ts';
import type { DraftType } from '../../../preload/contract/drafts.ts';
import type { WriteForm } from './write.ts';

/** The fields of a form as they stand in it; a field that is empty may be missing. */
export type Typed = Readonly<Record<string, string>>;

/** What is wrong, by the name of the field. */
export type Faults = Readonly<Record<string, string>>;

/** Places in the record that a field is about, by the name of the field. */
export type Elements = Readonly<Record<string, readonly string[]>>;

/** Whose record it is; and the rejected change in whose place it is sent, where it is one that is corrected. */
export interface About {
  readonly patientId: string;
  readonly corrects?: string;
}

export type Options = readonly (readonly [value: string, words: string])[];

interface Named {
  readonly name: string;
  readonly label: string;
  /** Said below the field. */
  readonly hint?: string;
  /** How much of the width it takes; all, where this isn't said. */
  readonly part?: 'half' | 'third';
}

/** A field of a form. `named`: a text with the coding that was chosen for it. `more` adds a further row. */
export type Field =
  | (Named & { readonly kind: 'text' | 'number' | 'date' | 'area'; readonly longest: number })
  | (Named & { readonly kind: 'named'; readonly suggest: SuggestKind })
  | (Named & { readonly kind: 'choice'; readonly options: Options })
  | (Named & { readonly kind: 'checks'; readonly options: Options })
  | (Named & { readonly kind: 'more'; readonly count: number });

/** A form for a new record. */
export interface Form {
  readonly type: Exclude<DraftType, 'DocumentReference' | 'Observation' | 'QuestionnaireResponse'>;
  readonly title: string;
  /** What else saving it does. */
  readonly also?: string;
  readonly start: Typed;
  /** It can be saved as it is before anything is typed. */
  readonly canBeEmpty?: boolean;
  /** The fields as they are for what was typed so far. */
  readonly fields: (typed: Typed) => readonly Field[];
  /** What a draft of it is called. */
  readonly draftTitle: (typed: Typed) => string;
  /** What is shown once it was saved, of the answer; nothing where this isn't there. */
  readonly next?: (saved: unknown) => WriteForm;
  /** What a rejected record says, as it was typed. */
  readonly typedOf?: (rejected: Rejected) => Typed;
  readonly elements?: Elements;
  /** What is wrong with it, or how it is saved. `today`: as `2026-11-26`. */
  readonly prepare: (about: About, typed: Typed, today: string) => Prepared;
}

export type Prepared =
  | { readonly faults: Faults }
  | { readonly faults: null; readonly send: () => Promise<Result<unknown>> };
