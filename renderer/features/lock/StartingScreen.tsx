/** @jsxImportSource preact */

import { t } from '../../words/t.ts';
import css from './lock.module.css';
import { ScreenCard } from './ScreenCard.tsx';

/** While main looks at the keyring and the profile: usually too short to be read. */
export function StartingScreen() {
  return (
    <ScreenCard title={t('Starting…')}>
      <div aria-hidden className={css.form}>
        <div className={css.ghost} />
        <div className={css.ghost} />
      </div>
    </ScreenCard>
  );
}
