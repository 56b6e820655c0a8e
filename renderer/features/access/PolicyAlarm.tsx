import { IconAlertTriangle } from '@tabler/icons-react';
import type { AccessState } from '../../../preload/contract/access.ts';
import frame from '../../app/frame.module.css';
import { t } from '../../words/t.ts';
import { ALARM_WORDS } from './accessWords.ts';
import { useAccess } from './useAccess.ts';

/** Access policies that could not be taken: a state that lasts until IT has looked, so it is told on every screen. */
export function PolicyAlarm() {
  const policies = useAccess()?.policies;
  if (!policies?.alarm) return null;
  const { title, means } = ALARM_WORDS[policies.alarm];
  return (
    <section
      className={`${frame.signIn} ${frame.reset}`}
      role="alert"
      aria-label={t('Access policies')}
      data-testid="policy-alarm"
    >
      <IconAlertTriangle size={18} aria-hidden />
      <p>
        <strong>{title}.</strong> {means} {consequence(policies)}{' '}
        <strong>{t('Tell IT, and give them the code.')}</strong> <span className="wl-code">{policies.alarm}</span>
      </p>
    </section>
  );
}

function consequence({ source, name, version }: AccessState['policies']): string {
  if (source === 'none') return t('Until IT has looked, no chart is opened here.');
  return source === 'last-good'
    ? t('The last good ones hold: {name}, version {version}.', { name: name ?? '', version: version ?? '' })
    : '';
}
