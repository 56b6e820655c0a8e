/** @jsxImportSource preact */

import { t } from '../../words/t.ts';
import css from './lock.module.css';
import { ScreenCard } from './ScreenCard.tsx';

interface Props {
  readonly display: string;
  readonly done: number;
}

/** The records are encrypted anew: how far it is, and that nothing can be lost by it. */
export function RotatingScreen({ display, done }: Props) {
  const percent = Math.round(done * 100);
  return (
    <ScreenCard title={t('Changing the keys…')} testId="rotating-screen">
      <p className={css.address}>{display}</p>
      <p>
        {t(
          'The records on this workstation are encrypted again under new keys. Wardlight opens by itself when it is done. If the computer is turned off meanwhile, nothing is lost.',
        )}
      </p>
      <progress className={css.progress} aria-label={t('Encrypting the records again')} max={100} value={percent} />
      <p className="wl-muted">{percent} %</p>
    </ScreenCard>
  );
}
