import type { Strength, StrengthHint } from '../../preload/contract/session.ts';
import { bridge } from '../app/bridge.ts';
import { t } from '../words/t.ts';

const NAMES = [t('Very weak'), t('Weak'), t('Fair'), t('Good'), t('Strong')] as const;

const HINTS: Readonly<Record<Exclude<StrengthHint, 'short'>, string>> = {
  common: t('It is one of the first that anybody would try.'),
  keyboard: t('Keys that lie side by side are guessed early.'),
  repeated: t('Repeated signs and words add little.'),
  sequence: t('Sequences such as abc or 654 are guessed early.'),
  date: t('Dates and years are guessed early.'),
  name: t('Names are guessed early.'),
  own: t('Your own name and the server are guessed early.'),
  word: t('One word is not enough.'),
  more: t('Add another word or two.'),
};

/** How strong a passphrase is, in a few words; before anything was typed, what is wanted. */
export function strengthWords(strength: Strength | null, typed: string): string {
  if (!strength) return t('Four or five words are easy to keep in mind.');
  const { missing, hint, score, enough } = strength;
  if (typed === '')
    return t('At least {missing} characters. Four or five words are easy to keep in mind.', { missing });
  if (hint === 'short') return t('Too short: {missing} more.', { missing });
  if (enough) return `${NAMES[score]}.`;
  return `${NAMES[score]}. ${hint ? HINTS[hint] : ''}`;
}

const PAUSE_MS = 150;

export interface StrengthWatch {
  typed(passphrase: string): void;
  end(): void;
}

/** Asks main for the strength of what is typed, once the typing pauses; a late answer never replaces a newer one. */
export function createStrengthWatch(listener: (strength: Strength | null) => void): StrengthWatch {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let latest = 0;
  const ask = async (passphrase: string, turn: number) => {
    const answer = await bridge()
      .session.strength({ passphrase })
      .catch(() => null);
    if (turn === latest) listener(answer?.ok ? answer.value : null);
  };
  return {
    typed(passphrase) {
      latest += 1;
      const turn = latest;
      clearTimeout(waiting);
      waiting = setTimeout(() => void ask(passphrase, turn), PAUSE_MS);
    },
    end() {
      latest += 1;
      clearTimeout(waiting);
    },
  };
}
