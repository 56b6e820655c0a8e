import { createContext, useContext } from 'react';
import type { Unsent } from '../../../preload/contract/chart.ts';
import type { CorrectableType, Deed } from '../../../preload/contract/clinical.ts';
import { usePast } from '../../app/past.ts';

/** New records that have a form of their own. */
export type RecordKind = 'allergy' | 'problem' | 'medication' | 'immunization' | 'task' | 'visit' | 'specimen';

export type { Deed };

/** A record as it is shown, for whoever changes it. */
export interface WritableItem {
  readonly type: string;
  readonly id: string;
  /** The version that was shown; empty for a record that was never sent. */
  readonly versionId: string;
  /** What it is, in a clinician's words. */
  readonly title: string;
  readonly unsent: Unsent;
  /** What can be done to it as it is; main decides whether it may be. */
  readonly deeds: readonly Deed[];
  /** It has a number, and a label with it can be printed. */
  readonly labelled?: 'Encounter' | 'Specimen';
}

/** A record that has just been given its number. */
export interface NumberedRecord {
  readonly type: 'Encounter' | 'Specimen';
  readonly id: string;
  readonly number: string;
}

/** The form that is open. */
export type WriteForm =
  | { readonly kind: 'menu' | 'vital' | 'no-known-allergies' | 'questionnaire' | RecordKind }
  | { readonly kind: 'change' | 'withdraw'; readonly item: WritableItem }
  /** The rejected change of a record. */
  | { readonly kind: 'correct'; readonly record: { readonly type: CorrectableType; readonly id: string } }
  | { readonly kind: 'numbered'; readonly record: NumberedRecord };

/** Who it is: the name, and by what she is told from others of the same name. */
export interface Who {
  readonly name: string;
  readonly identity: string;
}

export interface Write {
  readonly patientId: string;
  readonly who: Who;
  readonly open: (form: WriteForm) => void;
  /** Opens the unsent changes. */
  readonly onSync: () => void;
  /** Why nothing may be written in this chart, as a sentence; null where it may. */
  readonly blocked: string | null;
}

const WriteContext = createContext<Write | null>(null);

export const WriteProvider = WriteContext.Provider;

/** How forms of the chart are opened; null where nothing is written, as in a look at the past. */
export function useWrite(): Write | null {
  const write = useContext(WriteContext);
  return usePast() === null ? write : null;
}

/** True where something may be written just now. */
export function useWritable(): boolean {
  return useWrite()?.blocked === null;
}
