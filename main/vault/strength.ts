import type { Strength, StrengthHint } from '../../preload/contract/session.ts';

export interface StrengthOptions {
  /** Fewest characters, and the least of zxcvbn's scores from 0 to 4 (Wheeler, USENIX Security 2016). */
  readonly minLength: number;
  readonly minStrength: number;
}

export type MeasureStrength = (passphrase: string, known: readonly string[]) => Promise<Strength>;

/** The estimate takes longer with each character, and what comes after these makes no passphrase weaker. */
const MEASURED_MAX = 64;

/** What zxcvbn warns of, by its own names, in fewer words of ours. */
const HINTS: Readonly<Record<string, StrengthHint>> = {
  straightRow: 'keyboard',
  keyPattern: 'keyboard',
  simpleRepeat: 'repeated',
  extendedRepeat: 'repeated',
  sequences: 'sequence',
  recentYears: 'date',
  dates: 'date',
  topTen: 'common',
  topHundred: 'common',
  common: 'common',
  similarToCommon: 'common',
  wordByItself: 'word',
  namesByThemselves: 'name',
  commonNames: 'name',
  userInputs: 'own',
};

/** Measures passphrases by policy. Dictionaries are loaded at the first use, far from the first screen. */
export function createStrength(policy: StrengthOptions): MeasureStrength {
  let loading: ReturnType<typeof loadEstimator> | null = null;
  return async (passphrase, known) => {
    const missing = Math.max(0, policy.minLength - [...passphrase].length);
    loading ??= loadEstimator();
    const estimator = await loading;
    const { score, feedback } = estimator.check(passphrase.slice(0, MEASURED_MAX), wordsOf(known));
    const enough = missing === 0 && score >= policy.minStrength;
    const weak = HINTS[feedback.warning ?? ''] ?? 'more';
    const hint = missing > 0 ? 'short' : enough ? null : weak;
    return { score, missing, enough, hint };
  };
}

/** What an attacker knows of the person: name and server, by their words. */
function wordsOf(known: readonly string[]): string[] {
  return known.flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter((word) => word.length > 2);
}

async function loadEstimator() {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]);
  return new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
  });
}
