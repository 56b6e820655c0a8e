import { type FormEvent, useId, useState } from 'react';
import { type AlarmLine, MARK_REASON_MAX, MARK_REASON_MIN } from '../../../preload/contract/audit.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import fields from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import { alarmTitle } from './alarmWords.ts';
import css from './audit.module.css';

interface Props {
  readonly alarm: AlarmLine;
  readonly onClose: () => void;
}

/** Asks why there is nothing in an alarm. */
export function MarkDialog({ alarm, onClose }: Props) {
  const id = useId();
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const isReady = reason.trim().length >= MARK_REASON_MIN;

  const mark = async (event: FormEvent) => {
    event.preventDefault();
    if (!isReady || busy) return;
    setBusy(true);
    setFailure(null);
    const code = await codeOf(bridge().audit.markFalse({ id: alarm.id, reason }));
    setBusy(false);
    if (code === null) onClose();
    else setFailure(code);
  };
  return (
    <Dialog title={t('Mark as a false alarm?')} onClose={onClose} testId="mark-dialog">
      <p>
        <strong>{alarmTitle(alarm)}.</strong>{' '}
        {t('The alarm stays in the record, and so does your reason with your name.')}
      </p>
      <form className={fields.form} onSubmit={mark}>
        <div className={fields.field}>
          <label htmlFor={id}>{t('Why there is nothing in it')}</label>
          <textarea
            id={id}
            className={`${fields.area} ${css.reason}`}
            value={reason}
            maxLength={MARK_REASON_MAX}
            autoFocus
            onChange={(event) => setReason(event.currentTarget.value)}
            data-testid="mark-reason"
          />
        </div>
        {failure && <FailureAlert code={failure} />}
        <DialogFoot>
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button kind="main" type="submit" busy={busy} disabled={!isReady} data-testid="mark-confirm">
            {t('Mark as false')}
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
