import type { CommonError } from '../../preload/contract/channel.ts';
import type { NumberError } from '../../preload/contract/charting.ts';
import type { Contract, ErrorCode, FeatureName } from '../../preload/contract/index.ts';
import type { LaunchError } from '../../preload/contract/launch.ts';
import type { KeyringError, LeaseError, SignInError, StoreError } from '../../preload/contract/session.ts';
import type { SyncError } from '../../preload/contract/sync.ts';
import { t } from '../words/t.ts';
import { AGAIN, type ErrorWords, keyringWords, storeWords } from './storageErrors.ts';

type CodesOf<F extends FeatureName> = {
  [Name in keyof Contract[F]['calls']]: ErrorCode<Contract[F]['calls'][Name]>;
}[keyof Contract[F]['calls']];

/** Every code that the bridge can answer or tell. */
export type AppErrorCode = { [F in FeatureName]: CodesOf<F> }[FeatureName] | SyncError | LaunchError;

/** What is about encryption, or about forms: its words are read with that part of the page, which hands them over. */
type Encrypted = 'documents' | 'sealed';
type Later = Encrypted | 'charting' | 'downtime' | 'forms' | 'support';
type Shared = { [F in Exclude<FeatureName, Later>]: CodesOf<F> }[Exclude<FeatureName, Later>] | StoreError;
export type EncryptionCode = Exclude<{ [F in Encrypted]: CodesOf<F> }[Encrypted], Shared>;
/** What is about forms of the organisation. */
export type FormCode = Extract<CodesOf<'forms'> | CodesOf<'charting'>, `form-${string}`>;
/** What is about numbers that were reserved for this workstation: with forms, and with sheets for a downtime. */
export type NumberCode = NumberError;
export type ChartingCode = Exclude<CodesOf<'charting'>, Shared | FormCode | NumberCode>;

/** What is about downtime binders: likewise. */
export type DowntimeCode = Exclude<CodesOf<'downtime'>, Shared | NumberCode>;

/** What is about support bundles: likewise. */
export type SupportCode = Exclude<CodesOf<'support'>, Shared>;

/** What only an unlocked page is told, of records: read with that page. */
type AtStart = 'session' | 'launch' | 'lock' | 'preferences';
export type RecordCode = Exclude<
  { [F in Exclude<FeatureName, Later | AtStart>]: CodesOf<F> }[Exclude<FeatureName, Later | AtStart>] | SyncError,
  | { [F in AtStart]: CodesOf<F> }[AtStart]
  | KeyringError
  | StoreError
  | LeaseError
  | SignInError
  | LaunchError
  | CommonError
>;

type Early = Exclude<
  AppErrorCode,
  EncryptionCode | ChartingCode | FormCode | NumberCode | DowntimeCode | SupportCode | RecordCode
>;
type Rest = Exclude<Early, KeyringError | StoreError | LeaseError | SignInError | LaunchError>;

const leaseWords: Record<LeaseError, ErrorWords> = {
  'lease-expired': {
    title: t('The time offline is over'),
    means: t('Wardlight has not reached the server for longer than your organisation allows. Nothing was deleted.'),
    act: t(
      'Connect to the network and unlock: the server is asked first. If this workstation’s date is wrong, have it set right.',
    ),
  },
  'lease-clock': {
    title: t('This workstation’s clock was set back'),
    means: t('So it can’t be told how long Wardlight has been without its server. Nothing was deleted.'),
    act: t('Connect to the network and unlock, or have the clock set right.'),
  },
  'lease-overdue': {
    title: t('The keys of this profile are about to be destroyed'),
    means: t(
      'The server has not been reached for so long that what is stored here will be made unreadable. It is still whole.',
    ),
    act: t('Connect to the network and unlock now. If this workstation’s date is wrong, have it set right.'),
  },
  'lease-sign-in': {
    title: t('The server wants you to sign in'),
    means: t('The time offline is over, and the sign-in that is stored here is no longer taken. Nothing was deleted.'),
    act: t('Sign in, then unlock.'),
  },
  'lease-destroyed': {
    title: t('The keys of this profile were destroyed'),
    means: t(
      'The server was not reached for too long, so what was stored here can’t be opened by a passphrase any more. What was written and not sent can be recovered where your organisation has a recovery key.',
    ),
    act: t('Give IT the code below.'),
  },
};

const signInWords: Record<SignInError, ErrorWords> = {
  'server-address-invalid': {
    title: t('This is not a server address'),
    means: t('An address looks like https://fhir.hospital.example/r4.'),
    act: t('Check the address, or ask IT for it.'),
  },
  'server-not-secure': {
    title: t('The address is not secure'),
    means: t('Wardlight sends patient data over https only.'),
    act: t('Use an address that begins with https://.'),
  },
  'server-not-allowed': {
    title: t('Your organisation does not use this server'),
    means: t('IT has decided which servers this workstation may talk to. Nothing was sent.'),
    act: t('Check the address, or ask IT for it.'),
  },
  'server-unreachable': {
    title: t("The server can't be reached"),
    means: t('There is no network, or the server is down. What is stored on this workstation stays readable.'),
    act: t('Check the network and the address, then try again.'),
  },
  'server-certificate': {
    title: t("The server's certificate is not trusted"),
    means: t("Wardlight can't be sure that it talks to your hospital's server, so it sends nothing."),
    act: t('Do not go around it. Give IT the code below.'),
  },
  'server-pin': {
    title: t('The server does not show the key that your organisation expects'),
    means: t(
      'IT has named the keys of this server, and it has another one: it may not be the server that it says it is. Nothing was sent.',
    ),
    act: t('Do not go around it. Call IT now, and give them the code below.'),
  },
  'client-certificate': {
    title: t('The server asks for a certificate of this workstation'),
    means: t('None that fits is installed here, none was chosen, or the server did not take it. Nothing was sent.'),
    act: t('Give IT the code below: the certificate belongs in the keychain of the operating system.'),
  },
  'proxy-refused': {
    title: t('The network’s proxy does not let Wardlight through'),
    means: t(
      'Your hospital’s proxy asks for a sign-in of its own, which the operating system does not give. Nothing was sent.',
    ),
    act: t('Give IT the code below. What is stored on this workstation stays readable.'),
  },
  'server-not-smart': {
    title: t('The server does not offer sign-in'),
    means: t('The address answers, but not as a FHIR server with SMART sign-in.'),
    act: t('Check the address, or ask IT for it.'),
  },
  'sign-in-denied': {
    title: t('The sign-in was refused'),
    means: t('The server did not let you in, or you declined the access that Wardlight needs.'),
    act: t('Try again, or ask IT whether your account may use Wardlight.'),
  },
  'sign-in-cancelled': {
    title: t('The sign-in was cancelled'),
    means: t('Nothing was changed.'),
    act: t('Sign in again when you are ready.'),
  },
  'sign-in-timeout': {
    title: t('The sign-in took too long'),
    means: t('The browser did not come back to Wardlight in time. Nothing was changed.'),
    act: t('Sign in again, and finish in the browser.'),
  },
  'sign-in-failed': {
    title: t('The sign-in failed'),
    means: t("The server's answer could not be used. Nothing was changed."),
    act: AGAIN,
  },
  'sign-in-no-practitioner': {
    title: t('Your account is not a clinician'),
    means: t('The server did not say which practitioner you are, so your patients are not known.'),
    act: t('Ask IT to link your account to your practitioner record.'),
  },
};

const launchWords: Record<LaunchError, ErrorWords> = {
  'launch-invalid': {
    title: t('This link can’t be used'),
    means: t('A link tried to open Wardlight, and it is not as an EHR makes it. Nothing was opened.'),
    act: t('Open the patient in Wardlight yourself. If the link came from your EHR, tell IT.'),
  },
  'launch-issuer-unknown': {
    title: t('Wardlight does not know this system'),
    means: t(
      'A system that your hospital has not listed tried to open Wardlight. Nothing was opened, and nothing was sent.',
    ),
    act: t('If it is your hospital’s EHR, ask IT to list it. Otherwise tell IT that you were sent such a link.'),
  },
};

const restWords: Record<Rest, ErrorWords> = {
  'audit-degraded': {
    title: t("The record of access can't be written to"),
    means: t(
      'Every look at a chart and every change is recorded. There is no room for that, or the record is damaged, so charts open by emergency access only. What is done under it is kept and recorded later.',
    ),
    act: t(
      'In an emergency, declare emergency access to the patient. Give IT the code below: usually the disk is full.',
    ),
  },
  'audit-unavailable': {
    title: t("The record of access can't be written"),
    means: t(
      "Every look at a chart and every change is recorded. That can't be done just now, so nothing is shown or saved.",
    ),
    act: t('Try again. If it comes back, give IT the code below and use another workstation.'),
  },
  'not-permitted': {
    title: t('Not permitted'),
    means: t(
      "You are not on the care team, your organisation's access policy doesn't allow it, or your sign-in does not cover this kind of record. Nothing was shown or saved.",
    ),
    act: t(
      'If you care for this patient, ask the ward to add you to the care team, then sync. Otherwise ask IT what your sign-in covers.',
    ),
  },
  'bad-request': {
    title: t('Wardlight asked wrongly'),
    means: t('This is a fault of the program, not of the record.'),
    act: AGAIN,
  },
  'bad-response': {
    title: t("The answer can't be shown"),
    means: t('This is a fault of the program, or of what the server stored.'),
    act: AGAIN,
  },
  internal: {
    title: t('Something went wrong'),
    means: t("This part can't be shown just now. Nothing was changed."),
    act: AGAIN,
  },
  locked: {
    title: t('Wardlight is locked'),
    means: t('Records are shown only while Wardlight is unlocked.'),
    act: t('Unlock it with your passphrase.'),
  },
  'passphrase-weak': {
    title: t('The passphrase is too weak'),
    means: t('It would be guessed too soon. Nothing was changed.'),
    act: t('Choose a longer one, of several words that do not belong together.'),
  },
  'recovery-key-invalid': {
    title: t("The recovery key can't be used"),
    means: t(
      'Your organisation wants unsent work to be recoverable, but the key that its policy names is not an RSA public key. No keys were made.',
    ),
    act: t('Give IT the code below: the policy has to be corrected first.'),
  },
  'recovery-key-weak': {
    title: t('The recovery key is too short'),
    means: t(
      'Your organisation wants unsent work to be recoverable, but the key that its policy names has fewer than 3,072 bits. No keys were made.',
    ),
    act: t('Give IT the code below: the policy has to be corrected first.'),
  },
  'not-signed-in': {
    title: t('You are not signed in'),
    means: t('The sign-in has ended before the keys were made.'),
    act: t('Sign in again.'),
  },
  'passphrase-wrong': {
    title: t("That passphrase doesn't fit"),
    means: t('Nothing was opened.'),
    act: t('Type it again.'),
  },
  'unlock-delayed': {
    title: t('Too soon'),
    means: t('After wrong passphrases Wardlight waits before it tries another one. This one was not counted.'),
    act: t('Wait until the time is over, then type it again.'),
  },
  'keys-destroyed': {
    title: t('The keys on this workstation were destroyed'),
    means: t(
      "After too many wrong passphrases, or because your organisation asked for it, Wardlight has destroyed the keys of this profile. Nobody can open its records here any more; the EHR has them all. What was written and not sent is still here, encrypted, and only your organisation's recovery key opens it.",
    ),
    act: t('Call IT and give them the code below, before anything is removed. Use another workstation until then.'),
  },
  'no-profile': {
    title: t('No profile on this workstation'),
    means: t('There is nothing to unlock here.'),
    act: t('Sign in to begin.'),
  },
};

const WORDS: Record<Early, ErrorWords> = {
  ...keyringWords,
  ...storeWords,
  ...leaseWords,
  ...signInWords,
  ...launchWords,
  ...restWords,
};

const lateWords = new Map<string, ErrorWords>();

/** Takes the words of a part of the page that is loaded later. */
export function addErrorWords(words: Readonly<Record<string, ErrorWords>>): void {
  for (const [code, its] of Object.entries(words)) lateWords.set(code, its);
}

/** The words for a code. A code that this version does not know is told like an internal error, under its own name. */
export function errorWords(code: string): ErrorWords {
  return Object.hasOwn(WORDS, code) ? WORDS[code as Early] : (lateWords.get(code) ?? WORDS.internal);
}

/** True where `errorWords` has words made for this code. */
export function hasWords(code: string): boolean {
  return Object.hasOwn(WORDS, code) || lateWords.has(code);
}
