import { IconLock } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { t } from '../words/t.ts';
import { bridge } from './bridge.ts';
import css from './idle.module.css';

/** Says that Wardlight is about to lock. It takes no focus: whatever key is pressed goes where it would have gone. */
export function IdleWarning() {
  const [until, setUntil] = useState<number | null>(null);
  useEffect(
    () =>
      bridge().lock.onIdleWarning(({ remainingMs }) =>
        setUntil(remainingMs === null ? null : performance.now() + remainingMs),
      ),
    [],
  );
  return until === null ? null : <Countdown until={until} />;
}

function Countdown({ until }: { readonly until: number }) {
  const box = useRef<HTMLDivElement>(null);
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    // Above an open dialog too.
    box.current?.showPopover?.();
    const timer = setInterval(() => setNow(performance.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((until - now) / 1000));
  return (
    <div ref={box} popover="manual" className={css.warning} data-testid="idle-warning">
      <IconLock size={20} aria-hidden />
      {/* Read out once: a number that changes each second would drown everything else. */}
      <p role="alert">
        <strong>{t('Wardlight is about to lock.')}</strong> {t('Press any key to stay.')}
      </p>
      <p className={css.seconds} aria-hidden>
        {t('{seconds} s', { seconds })}
      </p>
    </div>
  );
}
