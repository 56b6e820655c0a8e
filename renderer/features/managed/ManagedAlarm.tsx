import { IconAlertTriangle } from '@tabler/icons-react';
import frame from '../../app/frame.module.css';
import { t } from '../../words/t.ts';
import { noticeOf, problemWords } from './managedWords.ts';
import { useManaged } from './useManaged.ts';

/** Settings of the organisation that can't be used: told on every screen until IT has mended them. */
export function ManagedAlarm() {
  const managed = useManaged();
  const problem = managed && noticeOf(managed);
  if (!problem) return null;
  return (
    <section
      className={`${frame.signIn} ${frame.reset}`}
      role="alert"
      aria-label={t('Settings of your organisation')}
      data-testid="managed-alarm"
    >
      <IconAlertTriangle size={18} aria-hidden />
      <p>
        <strong>{t('A setting of your organisation can’t be used.')}</strong> {problemWords(problem, managed)}{' '}
        <strong>{t('Tell IT, and give them the code.')}</strong>{' '}
        <span className="wl-code">
          {problem.code} {problem.key}
        </span>
      </p>
    </section>
  );
}
