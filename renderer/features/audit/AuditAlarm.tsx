import { IconAlertTriangle } from '@tabler/icons-react';
import { errorWords } from '../../app/errors.ts';
import frame from '../../app/frame.module.css';
import { t } from '../../words/t.ts';
import { useAuditStatus } from './useAuditStatus.ts';

/** A record of access that can't be written: told on every screen, since charts open otherwise than usual. */
export function AuditAlarm() {
  const code = useAuditStatus()?.degraded;
  if (!code) return null;
  const { title, means, act } = errorWords('audit-degraded');
  return (
    <section
      className={`${frame.signIn} ${frame.reset}`}
      role="alert"
      aria-label={t('Record of access')}
      data-testid="audit-alarm"
    >
      <IconAlertTriangle size={18} aria-hidden />
      <p>
        <strong>{title}.</strong> {means} <strong>{act}</strong> <span className="wl-code">{code}</span>
      </p>
    </section>
  );
}
