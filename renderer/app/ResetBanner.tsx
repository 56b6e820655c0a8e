import { IconAlertTriangle } from '@tabler/icons-react';
import { t } from '../words/t.ts';
import { errorWords } from './errors.ts';
import css from './frame.module.css';

/** The server was reset or restored: a state that lasts until IT has looked, so it is told on every screen. */
export function ResetBanner() {
  const { title, means, act } = errorWords('server-reset');
  return (
    <section
      className={`${css.signIn} ${css.reset}`}
      role="alert"
      aria-label={t('Sync stopped')}
      data-testid="reset-banner"
    >
      <IconAlertTriangle size={18} aria-hidden />
      <p>
        <strong>{title}.</strong> {means} <strong>{act}</strong> <span className="wl-code">server-reset</span>
      </p>
    </section>
  );
}
