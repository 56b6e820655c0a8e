import type { DocumentItem, DocumentKind, Openability, Transfer } from '../../../preload/contract/documents.ts';
import { t } from '../../words/t.ts';

type FileKind = NonNullable<DocumentItem['kind']>;

export const FILE_WORDS: Readonly<Record<FileKind, string>> = {
  image: t('Picture'),
  pdf: 'PDF',
  text: t('Text'),
  dicom: t('DICOM picture'),
  other: t('File'),
};

/** Kinds in the order in which they are offered. */
export const KIND_WORDS: readonly { readonly kind: DocumentKind; readonly name: string }[] = [
  { kind: 'photo', name: t('Photo') },
  { kind: 'scan', name: t('Scanned page') },
  { kind: 'report', name: t('Report') },
  { kind: 'letter', name: t('Letter') },
  { kind: 'consent', name: t('Consent') },
  { kind: 'imaging', name: t('Imaging') },
];

/** What a file most likely is. */
export const LIKELY: Readonly<Record<FileKind, DocumentKind>> = {
  image: 'photo',
  pdf: 'report',
  text: 'letter',
  dicom: 'imaging',
  other: 'report',
};

/** Why a document can't be opened, or what it takes; nothing where it simply opens. */
export const OPEN_WORDS: Readonly<Record<Openability, string | null>> = {
  openable: null,
  ask: t('Your organisation’s key service is asked'),
  'ask-offline': t('Needs the network: the key service has to be asked'),
  'not-downloaded': t('Needs the network: not on this workstation yet'),
  'not-set-up': t('Your organisation has not set up encrypted files here'),
  'not-encrypted': t('Not encrypted by Wardlight: open it in the EHR'),
  invalid: t('What the record says of its encryption can’t be used'),
};

/** Whether it is worth trying: the network may be back before main has said so. */
export function canTry(openability: Openability): boolean {
  return !['not-set-up', 'not-encrypted', 'invalid'].includes(openability);
}

export const ATTACH_WORDS = {
  'not-set-up': t('Your organisation has not set up encryption of files'),
  'keys-not-ready': t('This workstation’s keys are not confirmed yet: sync while online'),
  'key-revoked': t('Your organisation has revoked this workstation’s key: tell IT'),
  'policy-key-invalid': t('A key in your organisation’s policy can’t be used: tell IT'),
  'not-permitted': t('You may not attach files to this patient'),
} as const;

export const NO_PHOTOS = t('Your organisation does not allow photos to be taken here');

const STATES: Readonly<Record<Transfer['state'], string>> = {
  encrypting: t('Encrypting'),
  waiting: t('Waiting'),
  uploading: t('Sending'),
  verifying: t('Checking what the server stored'),
  recording: t('Entering it in the record'),
  paused: t('Paused'),
  failed: t('Needs you'),
};

/** Where a file stands, in words. */
export function transferWords({ state, done, total, place }: Transfer, online: boolean): string {
  const share = t('{count} of {count2}', { count: formatSize(done), count2: formatSize(total) });
  if (state === 'waiting')
    return online ? t('Waiting, number {place} in the queue', { place }) : t('Waits for the network, encrypted');
  if (state === 'encrypting' || state === 'uploading') return `${STATES[state]}: ${share}`;
  return state === 'paused' && done > 0 ? t('{states} at {share}', { states: STATES[state], share }) : STATES[state];
}

export function percentOf({ done, total }: { readonly done: number; readonly total: number }): number {
  return total === 0 ? 0 : Math.min(100, Math.floor((100 * done) / total));
}

const UNITS = ['KB', 'MB', 'GB'] as const;

/** `734 bytes`, `4.2 MB`: thousands, as file managers count. */
export function formatSize(bytes: number): string {
  if (bytes < 1_000) return t('{bytes} bytes', { bytes });
  let [value, unit] = [bytes / 1_000, 0];
  // What would be rounded to a thousand is one of the next.
  for (; value >= 999.5 && unit < UNITS.length - 1; unit += 1) value /= 1_000;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}
