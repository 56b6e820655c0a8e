import type { TransferFailure } from '../../../preload/contract/documents.ts';
import { errorWords } from '../../app/errors.ts';
import type { ErrorWords } from '../../app/storageErrors.ts';
import { t } from '../../words/t.ts';

type Words = Pick<ErrorWords, 'title' | 'act'>;

const STAYS = t('It stays here, encrypted, and can be read in the chart of this workstation. Give IT the code below.');
const GONE = t('Attach the file again and give this one up. Tell IT, with the code below.');

/** Why a file isn't sent, and what to do: a code of these says something else of a file than of a record. */
const words: Record<TransferFailure, Words> = {
  'too-large-for-server': {
    title: t('The file is too large for the server'),
    act: t('{STAYS} If others need it now, attach a smaller part of it.', { STAYS }),
  },
  'server-full': { title: t('The server has no room for the file'), act: STAYS },
  forbidden: { title: t('The server does not allow you to send files'), act: STAYS },
  rejected: { title: t('The server does not take the file'), act: STAYS },
  'stored-differs': { title: t('The server keeps something else than was sent'), act: STAYS },
  'spool-missing': { title: t('The encrypted file is gone from this workstation'), act: GONE },
  'spool-damaged': { title: t('The encrypted file on this workstation is damaged'), act: GONE },
};

export function transferErrorWords(code: string): Words {
  return Object.hasOwn(words, code) ? words[code as TransferFailure] : errorWords(code);
}
