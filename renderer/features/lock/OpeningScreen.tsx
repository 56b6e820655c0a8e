/** @jsxImportSource preact */

import { t } from '../../words/t.ts';
import css from './lock.module.css';

/** Between the unlock and the patient list: only seen where a disk is slow. */
export function OpeningScreen() {
  return (
    <main className={css.screen} aria-busy="true">
      <p role="status" className="wl-muted">
        {t('Opening…')}
      </p>
    </main>
  );
}
