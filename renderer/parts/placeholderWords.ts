import type { Placeholder } from '../../preload/contract/placeholders.ts';
import { t } from '../words/t.ts';

/** What stands where a record names nothing, or hides it. */
export const PLACEHOLDER_WORDS: Readonly<Record<Placeholder, string>> = {
  alert: t('Unnamed alert'),
  'care-plan': t('Care plan without a title'),
  device: t('Unnamed device'),
  directive: t('Advance directive'),
  document: t('Untitled document'),
  encounter: t('Encounter'),
  encrypted: t('Encrypted'),
  form: t('Form without a title'),
  goal: t('Goal without a description'),
  masked: t('Masked'),
  medicine: t('Unnamed medicine'),
  observation: t('Unnamed observation'),
  person: t('Name not on this workstation'),
  problem: t('Unnamed problem'),
  reaction: t('Reaction not described'),
  record: t('Record without a name'),
  relationship: t('Relationship not recorded'),
  results: t('Results'),
  substance: t('Unnamed substance'),
  vaccine: t('Unnamed vaccine'),
  'vital-signs': t('Vital signs'),
};
