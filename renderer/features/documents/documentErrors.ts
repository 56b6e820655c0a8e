import { addErrorWords, type EncryptionCode } from '../../app/errors.ts';
import { AGAIN, type ErrorWords } from '../../app/storageErrors.ts';
import { t } from '../../words/t.ts';

const NOTHING_SHOWN = t('Nothing of it is shown.');
const NOTHING_TAKEN = t('Nothing was encrypted or sent, and the file is as it was.');
const CODE_TO_IT = t('Give IT the code below. If you need it now, ask whoever attached it.');

/** What was opened is not what was stored: by accident or by intent, it is not shown. */
function altered(title: string, means: string): ErrorWords {
  return { title, means: `${means} ${NOTHING_SHOWN}`, act: CODE_TO_IT };
}

/** What can become of the viewer, of which main isn't told. */
export type ViewerError = 'viewer-stopped' | 'viewer-silent';

const words: Record<EncryptionCode | ViewerError, ErrorWords> = {
  'viewer-stopped': {
    title: t('The document could not be shown'),
    means: t(
      'What shows documents took too much memory and was ended, or it failed. It is apart from the rest: nothing else is lost, and the document is as it was.',
    ),
    act: t('Close it. If it happens again, the document may be made to do this: tell IT, with the code below.'),
  },
  'viewer-silent': {
    title: t('The document takes too long to show'),
    means: t('It was ended, as nothing came for half a minute. Nothing else is lost, and the document is as it was.'),
    act: t(
      'Close it and try again. If it happens again, the document may be made to do this: tell IT, with the code below.',
    ),
  },
  'file-unreadable': {
    title: t('The file can’t be read'),
    means: t('It is gone, in use, not an ordinary file, or you may not read it. {NOTHING_TAKEN}', { NOTHING_TAKEN }),
    act: t('Choose it again, or copy it to this workstation first.'),
  },
  'file-empty': {
    title: t('The file is empty'),
    means: NOTHING_TAKEN,
    act: t('Save or export it again where it comes from, then choose it again.'),
  },
  'file-too-large': {
    title: t('The file is too large'),
    means: t('Your organisation limits how large a file may be. {NOTHING_TAKEN}', { NOTHING_TAKEN }),
    act: t('Attach only the part that is needed, or ask IT about the limit.'),
  },
  'file-kind-refused': {
    title: t('This kind of file is not taken'),
    means: t('What counts is what is in a file, not its name. {NOTHING_TAKEN}', { NOTHING_TAKEN }),
    act: t('Save it as PDF, JPEG or PNG and attach that. A photo in HEIC can be exported as JPEG.'),
  },
  'file-archive-encrypted': {
    title: t('The file is locked by a password of its own'),
    means: t('Nobody could see what is in it, now or in years, so it is not taken. {NOTHING_TAKEN}', { NOTHING_TAKEN }),
    act: t('Unlock it where it comes from and attach what is in it: Wardlight encrypts it.'),
  },
  'file-ambiguous': {
    title: t('The file is not what it looks like'),
    means: t(
      'It begins as one kind of file and is another too, which is how harmful files are hidden, or it is damaged. {NOTHING_TAKEN}',
      { NOTHING_TAKEN },
    ),
    act: t('Open it where it comes from and save it anew. If you don’t know where it comes from, tell IT.'),
  },
  'file-too-many-pixels': {
    title: t('The picture has too many pixels'),
    means: t(
      'It says that it is larger than any photo or scan is, and workstations could fail when they show it. {NOTHING_TAKEN}',
      { NOTHING_TAKEN },
    ),
    act: t('Save it smaller where it comes from and attach that, or ask IT about the limit.'),
  },
  'file-bomb': {
    title: t('The file would unpack to far too much'),
    means: t('It is made so that whatever opens it runs out of memory or disk. Honest files are not. {NOTHING_TAKEN}', {
      NOTHING_TAKEN,
    }),
    act: t('Don’t open it elsewhere. Tell IT where it comes from, with the code below.'),
  },
  'camera-refused': {
    title: t('Photos can’t be taken here'),
    means: t('Your organisation does not allow Wardlight to use this workstation’s camera.'),
    act: t('Attach a file instead, or ask IT.'),
  },
  'scan-refused': {
    title: t('Pages can’t be scanned here'),
    means: t('Your organisation does not allow it, or SANE is not installed on this workstation.'),
    act: t('Scan to a file with another program and attach that, or ask IT.'),
  },
  'scanner-busy': {
    title: t('The scanner is in use'),
    means: t('Somebody or another program is scanning. Nothing was scanned.'),
    act: AGAIN,
  },
  'scanner-jammed': {
    title: t('The paper is jammed'),
    means: t('Nothing of this page was kept.'),
    act: t('Take the paper out as the scanner’s label shows, then scan the page again.'),
  },
  'scanner-empty': {
    title: t('There is no paper in the feeder'),
    means: t('Nothing was scanned.'),
    act: t('Put the page into the feeder, or onto the glass, then scan again.'),
  },
  'scanner-open': {
    title: t('The scanner’s cover is open'),
    means: t('Nothing was scanned.'),
    act: t('Close it, then scan again.'),
  },
  'scanner-denied': {
    title: t('This workstation may not use the scanner'),
    means: t('Its driver or the operating system has refused. Nothing was scanned.'),
    act: t('Give IT the code below.'),
  },
  'scanner-failed': {
    title: t('The page was not scanned'),
    means: t('The scanner does not answer, or has broken off. Nothing of this page was kept.'),
    act: t('See that it is on and connected, then scan again. If it comes back, give IT the code below.'),
  },
  'not-set-up': {
    title: t('Files can’t be attached here yet'),
    means: t('Your organisation has not set up whose keys files are encrypted for.'),
    act: t('Attach the file in the EHR. IT can set it up by policy.'),
  },
  'key-revoked': {
    title: t('This workstation’s key was withdrawn'),
    means: t('Your organisation has revoked it, so that nothing is encrypted for it or opened by it.'),
    act: t('Give IT the code below. What you wrote and attached before is not lost.'),
  },
  'policy-key-invalid': {
    title: t('A key in your organisation’s policy can’t be used'),
    means: t('Without it there is nobody to encrypt for, and no certificate can be checked.'),
    act: t('Give IT the code below: the policy has to be corrected.'),
  },
  'keys-not-ready': {
    title: t('This workstation’s keys are not ready yet'),
    means: t('They have to be confirmed by your organisation once, which takes a network.'),
    act: t('Sync while you are online, then try again. If it comes back, give IT the code below.'),
  },
  'field-not-recipient': {
    title: t('This was not encrypted for you'),
    means: t('It was encrypted for others, and no key of this workstation opens it.'),
    act: t('Ask whoever wrote it, or your organisation for access to it.'),
  },
  'field-context-mismatch': {
    title: t('This belongs to another record'),
    means: t('What is stored here was encrypted for another record, patient or place. It is not shown.'),
    act: t('Do not rely on this record. Tell your privacy officer, with the code below.'),
  },
  'field-damaged': {
    title: t('This can’t be opened'),
    means: t('What is encrypted here was changed or cut off since it was written. It is not shown.'),
    act: t('Do not rely on this record. Tell IT, with the code below.'),
  },
  'field-algorithm-refused': {
    title: t('This is encrypted in a way that is not accepted'),
    means: t('It is weaker than what Wardlight writes. It is not shown.'),
    act: t('Tell IT, with the code below.'),
  },
  'recipients-missing': {
    title: t('There is nobody to encrypt the file for'),
    means: t('None of your organisation’s keys can be used. {NOTHING_TAKEN}', { NOTHING_TAKEN }),
    act: t('Give IT the code below.'),
  },
  'recipient-invalid': {
    title: t('A key of your organisation can’t be used'),
    means: t('It is too short or not a key. {NOTHING_TAKEN}', { NOTHING_TAKEN }),
    act: t('Give IT the code below: the policy has to be corrected.'),
  },
  'recipient-unreachable': {
    title: t('Your organisation’s cloud keys can’t be reached'),
    means: t('Files are encrypted for them too, which takes a network. {NOTHING_TAKEN}', { NOTHING_TAKEN }),
    act: t('Attach it again when you are online.'),
  },
  cancelled: {
    title: t('Stopped'),
    means: t('You stopped it before it was done. Nothing is left of it on this workstation.'),
    act: t('Begin again when you are ready.'),
  },
  'too-late': {
    title: t('The server has the file already'),
    means: t('It can’t be given up any more.'),
    act: t(
      'If it was attached to the wrong patient, mark it as entered in error in the EHR, and tell your privacy officer.',
    ),
  },
  'not-openable': {
    title: t('This document can’t be opened here'),
    means: t('It is not encrypted by Wardlight, or what the record says of its encryption can’t be used.'),
    act: t('Open it in the EHR. If it was attached with Wardlight, give IT the code below.'),
  },
  'not-downloaded': {
    title: t('The document is not on this workstation'),
    means: t('It has to be fetched from the server, and there is no network.'),
    act: t('Open it again when you are online. What was fetched already is kept.'),
  },
  'download-failed': {
    title: t('The document could not be fetched'),
    means: t('The server did not hand it out, or the network broke off. What was fetched already is kept.'),
    act: AGAIN,
  },
  'ciphertext-length': altered(
    t('The document is not as long as the record says'),
    t('The server has handed out something else, or a part only.'),
  ),
  'ciphertext-hash': altered(
    t('The document is not the one that was attached'),
    t('What the server has handed out differs from what the record was made for.'),
  ),
  'message-header-invalid': altered(
    t('The document’s encryption can’t be read'),
    t('It is damaged, or was changed by somebody.'),
  ),
  'message-suite-refused': altered(
    t('The document is encrypted in a way that is not accepted'),
    t('It is weaker than what Wardlight writes.'),
  ),
  'message-not-framed': altered(
    t('The document is encrypted in one piece'),
    t('Wardlight opens only what it can check piece by piece.'),
  ),
  'message-too-many-keys': altered(
    t('The document is encrypted for too many keys'),
    t('No document of Wardlight has so many.'),
  ),
  'message-too-large': altered(t('The document is larger than it may be'), t('It is more than the record says.')),
  'message-truncated': altered(t('The end of the document is missing'), t('It breaks off before its end.')),
  'message-damaged': altered(t('The document is damaged'), t('A part of it was changed after it was encrypted.')),
  'commitment-mismatch': altered(
    t('The document’s key is not the one it was made with'),
    t('Somebody may have tried to show different people different things.'),
  ),
  'context-mismatch': altered(
    t('The document belongs to something else'),
    t('It was encrypted for another patient, document or author than the record says.'),
  ),
  'signature-invalid': altered(
    t('The document’s signature is not right'),
    t('It was not made by whom it says, or was changed since.'),
  ),
  'content-type-mismatch': altered(
    t('The document is not what the record says'),
    t('It is of another kind, as a program in place of a picture.'),
  ),
  'content-too-many-pixels': altered(
    t('The picture has too many pixels to be shown'),
    t('It says that it is larger than any photo or scan is, and Wardlight could fail over it.'),
  ),
  'content-bomb': altered(
    t('The document would unpack to far too much'),
    t('It is made so that whatever opens it runs out of memory. Honest documents are not.'),
  ),
  'not-a-recipient': {
    title: t('The document is not encrypted for you'),
    means: t('Neither a key of this workstation nor your organisation’s key service opens it.'),
    act: t('Ask whoever attached it, or IT, to grant it to you.'),
  },
  'key-service-refused': {
    title: t('Your organisation’s key service said no'),
    means: t('By its rules you may not open this. The refusal is recorded.'),
    act: t(
      'If you care for this patient, ask to be added to the care team. Otherwise ask whoever wrote or attached it.',
    ),
  },
  'key-service-unreachable': {
    title: t('The key service can’t be reached'),
    means: t('It has to be asked before this opens here. What is encrypted is not damaged.'),
    act: t('Try again when you are online.'),
  },
  'key-service-answer-invalid': {
    title: t('The key service’s answer can’t be used'),
    means: t('It is not what was asked for, or something on the way has changed it. What is encrypted is not damaged.'),
    act: t('Give IT the code below.'),
  },
  'not-open': {
    title: t('The document is not open any more'),
    means: t('It was closed, or Wardlight was locked.'),
    act: t('Open it again.'),
  },
};

addErrorWords(words);
