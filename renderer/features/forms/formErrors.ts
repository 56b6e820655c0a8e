import { addErrorWords, type FormCode } from '../../app/errors.ts';
import type { ErrorWords } from '../../app/storageErrors.ts';
import { t } from '../../words/t.ts';

const UNUSABLE = t('It can’t be filled in here as it was meant, so it is not shown in part. Nothing was changed.');
const ASK = t('Fill it in in the EHR or on paper, and give IT the code below: whoever made the form can mend it.');

const words: Record<FormCode, ErrorWords> = {
  'form-malformed': { title: t('This form is not in order'), means: UNUSABLE, act: ASK },
  'form-too-large': { title: t('This form is too large'), means: UNUSABLE, act: ASK },
  'form-not-understood': { title: t('This form needs more than Wardlight can do'), means: UNUSABLE, act: ASK },
  'form-cycle': { title: t('This form asks in a circle'), means: UNUSABLE, act: ASK },
  'form-unsettled': {
    title: t('This form’s calculations have no end'),
    means: t('What it works out changes itself again and again. Nothing was saved.'),
    act: ASK,
  },
  'form-too-slow': {
    title: t('This form takes too long'),
    means: t('Working it out was stopped. What you typed is still here, and nothing was saved.'),
    act: ASK,
  },
  'form-failed': {
    title: t('The form could not be worked out'),
    means: t('What you typed is still here, and nothing was saved.'),
    act: t('Try again. If it comes back, fill it in in the EHR or on paper, and give IT the code below.'),
  },
  'form-closed': {
    title: t('The form is not open any more'),
    means: t('Other forms were opened since. What you typed is kept as a draft, and nothing was saved.'),
    act: t('Close it, open it again and go on with the draft.'),
  },
  'form-changed': {
    title: t('Something in the form has changed'),
    means: t('It would have been recorded otherwise than it was shown. Nothing was saved.'),
    act: t('Look at the form as it is now, then save again.'),
  },
  'form-incomplete': {
    title: t('The form is not complete'),
    means: t('An answer is missing or can’t be right. Nothing was saved.'),
    act: t('Look at the questions that are marked.'),
  },
};

addErrorWords(words);
