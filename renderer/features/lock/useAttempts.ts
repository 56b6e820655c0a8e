import { useCallback, useEffect, useState } from 'preact/hooks';
import { bridge } from '../../app/bridge.ts';
import { t } from '../../words/t.ts';

/** The screen has the processor to itself for the first keys; only then is the keychain asked. */
const FIRST_KEYS_MS = 300;

interface Known {
  readonly left: number | null;
  /** By the page's clock, which nobody can set. */
  readonly until: number;
}

export interface ShownAttempts {
  readonly left: number | null;
  readonly waitSeconds: number;
  look(): Promise<void>;
}

/** How many attempts are left and how long the next one has to wait, counted down. */
export function useAttempts(): ShownAttempts {
  const [known, setKnown] = useState<Known>({ left: null, until: 0 });
  const [now, setNow] = useState(() => performance.now());
  const look = useCallback(async () => {
    const answer = await bridge()
      .session.attempts({})
      .catch(() => null);
    // What stops the keychain stops the unlock too, and is told there.
    if (!answer?.ok) return;
    // One reading for both: a moment between them would be a wait, in which an Enter goes unheard.
    const read = performance.now();
    setNow(read);
    setKnown({ left: answer.value.left, until: read + answer.value.waitMs });
  }, []);
  useEffect(() => {
    const first = setTimeout(() => void look(), FIRST_KEYS_MS);
    return () => clearTimeout(first);
  }, [look]);
  const waiting = known.until > now;
  useEffect(() => {
    if (!waiting) return;
    const tick = setInterval(() => setNow(performance.now()), 250);
    return () => clearInterval(tick);
  }, [waiting]);
  return { left: known.left, waitSeconds: Math.max(0, Math.ceil((known.until - now) / 1_000)), look };
}

/** What the person has to know before the next try; nothing as long as there are many. */
export function attemptWords({ left, waitSeconds }: Pick<ShownAttempts, 'left' | 'waitSeconds'>): string {
  const wait = waitSeconds > 0 ? t('After wrong passphrases Wardlight waits before the next try. ') : '';
  if (left === null) return wait.trimEnd();
  const count = left === 1 ? t('This is the last attempt') : t('{left} attempts are left', { left });
  return t('{wait}{count}: after that, the keys on this workstation are destroyed.', { wait, count });
}
