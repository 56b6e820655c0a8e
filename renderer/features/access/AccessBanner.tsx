import { IconAlertOctagon, IconLockOpen } from '@tabler/icons-react';
import { bridge, codeOf } from '../../app/bridge.ts';
import { Button } from '../../parts/Button.tsx';
import { t } from '../../words/t.ts';
import css from './access.module.css';
import { purposeWords, remainingWords } from './accessWords.ts';
import { useGrant } from './useAccess.ts';

/** From here on the person is told to come to an end. */
const SOON_MS = 2 * 60_000;

/** On every view of a patient of whom more is open than usual: what, why, and how long still. */
export function AccessBanner({ patientId }: { readonly patientId: string }) {
  const open = useGrant(patientId);
  if (!open) return null;
  const { grant, remainingMs } = open;
  const isEmergency = grant.kind === 'emergency';
  const isSoon = remainingMs <= SOON_MS;
  const end = () => void codeOf(bridge().access.end({ patientId }));
  return (
    <section
      className={css.banner}
      data-kind={grant.kind}
      data-testid="access-banner"
      aria-label={isEmergency ? t('Emergency access') : t('Restricted records are open')}
    >
      {isEmergency ? <IconAlertOctagon size={20} aria-hidden /> : <IconLockOpen size={18} aria-hidden />}
      <p role="status">
        <strong>{isEmergency ? t('EMERGENCY ACCESS') : t('Restricted records are open')}</strong>{' '}
        {isEmergency ? t('All you do is recorded and reported.') : t('What you open is recorded.')}{' '}
        {purposeWords(grant.purpose)}.{isSoon && <strong> {t('Save what you are writing.')}</strong>}
      </p>
      <span className={css.time} data-testid="access-remaining" role="timer" aria-label={t('Time left')}>
        {t('ends in {remaining}', { remaining: remainingWords(remainingMs) })}
      </span>
      <Button size="tiny" onClick={end} data-testid="access-end">
        {t('End now')}
      </Button>
    </section>
  );
}
