import type { Contract, ErrorCode, FeatureName } from '../../preload/contract/index.ts';
import type { LaunchError } from '../../preload/contract/launch.ts';
import type { KeyringError, LeaseError, SignInError, StoreError } from '../../preload/contract/session.ts';
import type { SyncError } from '../../preload/contract/sync.ts';
import { AGAIN, type ErrorWords, keyringWords, storeWords } from './storageErrors.ts';

type CodesOf<F extends FeatureName> = {
  [Name in keyof Contract[F]['calls']]: ErrorCode<Contract[F]['calls'][Name]>;
}[keyof Contract[F]['calls']];

/** Every code that the bridge can answer or tell. */
export type AppErrorCode = { [F in FeatureName]: CodesOf<F> }[FeatureName] | SyncError | LaunchError;

/** What is about encryption, or about forms: its words are read with that part of the page, which hands them over. */
type Encrypted = 'documents' | 'sealed';
type Later = Encrypted | 'charting' | 'downtime';
type Shared = { [F in Exclude<FeatureName, Later>]: CodesOf<F> }[Exclude<FeatureName, Later>] | StoreError;
export type EncryptionCode = Exclude<{ [F in Encrypted]: CodesOf<F> }[Encrypted], Shared>;
export type ChartingCode = Exclude<CodesOf<'charting'>, Shared>;

/** What is about downtime binders: likewise. */
export type DowntimeCode = Exclude<CodesOf<'downtime'>, Shared>;

type Early = Exclude<AppErrorCode, EncryptionCode | ChartingCode | DowntimeCode>;
type Rest = Exclude<Early, KeyringError | StoreError | LeaseError | SignInError | SyncError | LaunchError>;

const leaseWords: Record<LeaseError, ErrorWords> = {
  'lease-expired': {
    title: 'The time offline is over',
    means: 'Wardlight has not reached the server for longer than your organisation allows. Nothing was deleted.',
    act: 'Connect to the network and unlock: the server is asked first. If this workstation’s date is wrong, have it set right.',
  },
  'lease-clock': {
    title: 'This workstation’s clock was set back',
    means: 'So it can’t be told how long Wardlight has been without its server. Nothing was deleted.',
    act: 'Connect to the network and unlock, or have the clock set right.',
  },
  'lease-overdue': {
    title: 'The keys of this profile are about to be destroyed',
    means:
      'The server has not been reached for so long that what is stored here will be made unreadable. It is still whole.',
    act: 'Connect to the network and unlock now. If this workstation’s date is wrong, have it set right.',
  },
  'lease-sign-in': {
    title: 'The server wants you to sign in',
    means: 'The time offline is over, and the sign-in that is stored here is no longer taken. Nothing was deleted.',
    act: 'Sign in, then unlock.',
  },
  'lease-destroyed': {
    title: 'The keys of this profile were destroyed',
    means:
      'The server was not reached for too long, so what was stored here can’t be opened by a passphrase any more. What was written and not sent can be recovered where your organisation has a recovery key.',
    act: 'Give IT the code below.',
  },
};

const signInWords: Record<SignInError, ErrorWords> = {
  'server-address-invalid': {
    title: 'This is not a server address',
    means: 'An address looks like https://fhir.hospital.example/r4.',
    act: 'Check the address, or ask IT for it.',
  },
  'server-not-secure': {
    title: 'The address is not secure',
    means: 'Wardlight sends patient data over https only.',
    act: 'Use an address that begins with https://.',
  },
  'server-unreachable': {
    title: "The server can't be reached",
    means: 'There is no network, or the server is down. What is stored on this workstation stays readable.',
    act: 'Check the network and the address, then try again.',
  },
  'server-certificate': {
    title: "The server's certificate is not trusted",
    means: "Wardlight can't be sure that it talks to your hospital's server, so it sends nothing.",
    act: 'Do not go around it. Give IT the code below.',
  },
  'client-certificate': {
    title: 'The server asks for a certificate of this workstation',
    means: 'None that fits is installed here, none was chosen, or the server did not take it. Nothing was sent.',
    act: 'Give IT the code below: the certificate belongs in the keychain of the operating system.',
  },
  'proxy-refused': {
    title: 'The network’s proxy does not let Wardlight through',
    means:
      'Your hospital’s proxy asks for a sign-in of its own, which the operating system does not give. Nothing was sent.',
    act: 'Give IT the code below. What is stored on this workstation stays readable.',
  },
  'server-not-smart': {
    title: 'The server does not offer sign-in',
    means: 'The address answers, but not as a FHIR server with SMART sign-in.',
    act: 'Check the address, or ask IT for it.',
  },
  'sign-in-denied': {
    title: 'The sign-in was refused',
    means: 'The server did not let you in, or you declined the access that Wardlight needs.',
    act: 'Try again, or ask IT whether your account may use Wardlight.',
  },
  'sign-in-cancelled': {
    title: 'The sign-in was cancelled',
    means: 'Nothing was changed.',
    act: 'Sign in again when you are ready.',
  },
  'sign-in-timeout': {
    title: 'The sign-in took too long',
    means: 'The browser did not come back to Wardlight in time. Nothing was changed.',
    act: 'Sign in again, and finish in the browser.',
  },
  'sign-in-failed': {
    title: 'The sign-in failed',
    means: "The server's answer could not be used. Nothing was changed.",
    act: AGAIN,
  },
  'sign-in-no-practitioner': {
    title: 'Your account is not a clinician',
    means: 'The server did not say which practitioner you are, so your patients are not known.',
    act: 'Ask IT to link your account to your practitioner record.',
  },
};

const syncWords: Record<Exclude<SyncError, StoreError | SignInError>, ErrorWords> = {
  offline: {
    title: 'Offline',
    means: 'There is no network. You see what is stored here.',
    act: 'Syncing goes on when the network is back.',
  },
  'server-refused': {
    title: 'The server refused',
    means: 'The server did not allow what the sync asked for. You see what is stored here.',
    act: 'Sign in again. If it comes back, give IT the code below.',
  },
  'server-error': {
    title: 'The server has a problem',
    means: 'The server answered with an error. You see what is stored here.',
    act: 'Wardlight tries again by itself; you can also sync now.',
  },
  'server-answer-invalid': {
    title: "The server's answer can't be used",
    means: 'What the server sent is not valid FHIR, so nothing of it was stored.',
    act: AGAIN,
  },
  'server-reset': {
    title: 'The server’s records have gone back in time',
    means:
      'The server no longer knows versions that it gave out before, as after a restore from a backup. To overwrite nothing, Wardlight neither fetches nor sends until IT has looked. What is stored here stays readable, and your unsent work is kept.',
    act: 'Tell IT now, and give them the code. Until then what you write reaches nobody: document as in a downtime.',
  },
  'sign-in-needed': {
    title: 'Sign-in needed',
    means: 'Your sign-in has ended. You see what is stored here.',
    act: 'Sign in again to sync.',
  },
};

const launchWords: Record<LaunchError, ErrorWords> = {
  'launch-invalid': {
    title: 'This link can’t be used',
    means: 'A link tried to open Wardlight, and it is not as an EHR makes it. Nothing was opened.',
    act: 'Open the patient in Wardlight yourself. If the link came from your EHR, tell IT.',
  },
  'launch-issuer-unknown': {
    title: 'Wardlight does not know this system',
    means:
      'A system that your hospital has not listed tried to open Wardlight. Nothing was opened, and nothing was sent.',
    act: 'If it is your hospital’s EHR, ask IT to list it. Otherwise tell IT that you were sent such a link.',
  },
};

const restWords: Record<Rest, ErrorWords> = {
  'bad-request': {
    title: 'Wardlight asked wrongly',
    means: 'This is a fault of the program, not of the record.',
    act: AGAIN,
  },
  'bad-response': {
    title: "The answer can't be shown",
    means: 'This is a fault of the program, or of what the server stored.',
    act: AGAIN,
  },
  internal: {
    title: 'Something went wrong',
    means: "This part can't be shown just now. Nothing was changed.",
    act: AGAIN,
  },
  'too-many-filters': {
    title: 'There are too many saved filters',
    means: 'Nothing was saved.',
    act: 'Remove one that you no longer use, then save again.',
  },
  locked: {
    title: 'Wardlight is locked',
    means: 'Records are shown only while Wardlight is unlocked.',
    act: 'Unlock it with your passphrase.',
  },
  'not-permitted': {
    title: 'Not permitted',
    means:
      "You are not on the care team, your organisation's access policy doesn't allow it, or your sign-in does not cover this kind of record. Nothing was shown or saved.",
    act: 'If you care for this patient, ask the ward to add you to the care team, then sync. Otherwise ask IT what your sign-in covers.',
  },
  'not-found': {
    title: 'Not on this workstation',
    means: 'This record is not stored here, or it was removed from the server.',
    act: 'Go back to the list, sync, and open it again.',
  },
  'fields-not-sealed': {
    title: "A part of this can't be encrypted yet",
    means:
      'Your organisation wants a part of this record to be encrypted before it is kept, and this workstation does not have the keys for it. Nothing was saved.',
    act: 'Connect and sync, then try again. If it comes back, give IT the code below.',
  },
  'audit-unavailable': {
    title: "The record of access can't be written",
    means:
      "Every look at a chart and every change is recorded. That can't be done just now, so nothing is shown or saved.",
    act: 'Try again. If it comes back, give IT the code below and use another workstation.',
  },
  'own-alarm': {
    title: 'This alarm is about you',
    means: 'Nobody judges what is about herself. Nothing was changed, and the try is recorded.',
    act: 'Ask another privacy officer to look at it.',
  },
  'audit-degraded': {
    title: "The record of access can't be written to",
    means:
      'Every look at a chart and every change is recorded. There is no room for that, or the record is damaged, so charts open by emergency access only. What is done under it is kept and recorded later.',
    act: 'In an emergency, declare emergency access to the patient. Give IT the code below: usually the disk is full.',
  },
  'not-amendable': {
    title: "This note can't be amended here",
    means: 'It is not a plain text, only a part of it was fetched, or it is no longer current. Nothing was changed.',
    act: 'Write a new note that refers to it, or amend it in the EHR.',
  },
  'not-correctable': {
    title: "This value can't be corrected here",
    means: 'It has no number, only a part of it was fetched, or it is the laboratory’s. Nothing was changed.',
    act: 'Record a new value, or correct it in the EHR.',
  },
  'out-of-range': {
    title: 'That value is not plausible',
    means: 'It is outside of what can be measured of a patient. Nothing was saved.',
    act: 'Check the number, its decimal point and its unit.',
  },
  stale: {
    title: 'The record has changed since you opened it',
    means: 'A newer version came while you were writing. Nothing was saved; your text is still here.',
    act: 'Read the newer version, then save again.',
  },
  'being-sent': {
    title: 'The change is being sent',
    means: 'It has left this workstation, and the answer is not known yet.',
    act: 'Wait until the sync has ended, then look again.',
  },
  'not-reset': {
    title: 'There is nothing to accept',
    means: 'The server does not count as reset any longer.',
    act: 'Sync now.',
  },
  'host-differs': {
    title: 'That is not the server’s name',
    means: 'Nothing was changed, and sync stays stopped.',
    act: 'Type the name as it is shown.',
  },
  'conflict-changed': {
    title: 'The server’s version has changed again',
    means: 'What you decided was about an earlier version. Nothing was changed; what is shown now is the newest.',
    act: 'Look at the record again, then decide.',
  },
  'not-mergeable': {
    title: "These versions can't be merged",
    means: 'One of them is a deletion, or a part on which they differ is not decided. Nothing was changed.',
    act: 'Choose a side for every part, or keep one version as a whole.',
  },
  'passphrase-weak': {
    title: 'The passphrase is too weak',
    means: 'It would be guessed too soon. Nothing was changed.',
    act: 'Choose a longer one, of several words that do not belong together.',
  },
  'recovery-key-invalid': {
    title: "The recovery key can't be used",
    means:
      'Your organisation wants unsent work to be recoverable, but the key that its policy names is not an RSA public key. No keys were made.',
    act: 'Give IT the code below: the policy has to be corrected first.',
  },
  'recovery-key-weak': {
    title: 'The recovery key is too short',
    means:
      'Your organisation wants unsent work to be recoverable, but the key that its policy names has fewer than 3,072 bits. No keys were made.',
    act: 'Give IT the code below: the policy has to be corrected first.',
  },
  'not-signed-in': {
    title: 'You are not signed in',
    means: 'The sign-in has ended before the keys were made.',
    act: 'Sign in again.',
  },
  'passphrase-wrong': { title: "That passphrase doesn't fit", means: 'Nothing was opened.', act: 'Type it again.' },
  'unlock-delayed': {
    title: 'Too soon',
    means: 'After wrong passphrases Wardlight waits before it tries another one. This one was not counted.',
    act: 'Wait until the time is over, then type it again.',
  },
  'keys-destroyed': {
    title: 'The keys on this workstation were destroyed',
    means:
      "After too many wrong passphrases, or because your organisation asked for it, Wardlight has destroyed the keys of this profile. Nobody can open its records here any more; the EHR has them all. What was written and not sent is still here, encrypted, and only your organisation's recovery key opens it.",
    act: 'Call IT and give them the code below, before anything is removed. Use another workstation until then.',
  },
  'no-profile': {
    title: 'No profile on this workstation',
    means: 'There is nothing to unlock here.',
    act: 'Sign in to begin.',
  },
};

const WORDS: Record<Early, ErrorWords> = {
  ...keyringWords,
  ...storeWords,
  ...leaseWords,
  ...signInWords,
  ...syncWords,
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
