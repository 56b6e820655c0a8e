import { type FormEvent, useId, useState } from 'react';
import { type EmergencyPurpose, REASON_MAX, REASON_MIN } from '../../../preload/contract/access.ts';
import { PASSPHRASE_MAX } from '../../../preload/contract/session.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import fields from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import css from './access.module.css';
import { EMERGENCIES } from './accessWords.ts';

interface Props {
  readonly patientId: string;
  readonly onClose: () => void;
}

/** Asks for what emergency access needs, and says before what follows from it. */
export function EmergencyDialog({ patientId, onClose }: Props) {
  const id = useId();
  const [purpose, setPurpose] = useState<EmergencyPurpose>('ETREAT');
  const [reason, setReason] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const isReady = reason.trim().length >= REASON_MIN && passphrase !== '';

  const declare = async (event: FormEvent) => {
    event.preventDefault();
    if (!isReady || busy) return;
    setBusy(true);
    setFailure(null);
    const code = await codeOf(bridge().access.declareEmergency({ patientId, purpose, reason, passphrase }));
    setBusy(false);
    setPassphrase('');
    if (code === null) onClose();
    else setFailure(code);
  };
  return (
    <Dialog title={t('Emergency access to this patient?')} onClose={onClose} testId="emergency-dialog">
      <ul className={css.consequences}>
        <li>{t('It is recorded and reported at once, with your name and your reason.')}</li>
        <li>
          {t('It opens this patient’s records alone, for a limited time. It ends by itself, and when Wardlight locks.')}
        </li>
        <li>{t('Everything that you open meanwhile is recorded as emergency access.')}</li>
      </ul>
      <form className={fields.form} onSubmit={declare}>
        <div className={fields.field}>
          <label htmlFor={`${id}-purpose`}>{t('Purpose')}</label>
          <select
            id={`${id}-purpose`}
            className={fields.input}
            value={purpose}
            onChange={(event) => setPurpose(event.currentTarget.value as EmergencyPurpose)}
            data-testid="emergency-purpose"
          >
            {EMERGENCIES.map(({ code, words }) => (
              <option key={code} value={code}>
                {words}
              </option>
            ))}
          </select>
        </div>
        <div className={fields.field}>
          <label htmlFor={`${id}-reason`}>{t('Reason, in your own words')}</label>
          <textarea
            id={`${id}-reason`}
            className={`${fields.area} ${css.reason}`}
            value={reason}
            maxLength={REASON_MAX}
            autoFocus
            onChange={(event) => setReason(event.currentTarget.value)}
            data-testid="emergency-reason"
          />
        </div>
        <div className={fields.field}>
          <label htmlFor={`${id}-passphrase`}>{t('Your passphrase')}</label>
          <input
            id={`${id}-passphrase`}
            className={fields.input}
            type="password"
            maxLength={PASSPHRASE_MAX}
            autoComplete="off"
            value={passphrase}
            onChange={(event) => setPassphrase(event.currentTarget.value)}
            data-testid="emergency-passphrase"
          />
        </div>
        {failure && <FailureAlert code={failure} />}
        <DialogFoot>
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button kind="danger" type="submit" busy={busy} disabled={!isReady} data-testid="emergency-confirm">
            {t('Declare emergency access')}
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
