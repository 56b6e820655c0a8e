import { type FormEvent, useId, useState } from 'react';
import type { Purpose } from '../../../preload/contract/access.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import fields from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import { PURPOSES } from './accessWords.ts';

interface Props {
  readonly patientId: string;
  readonly onClose: () => void;
}

/** Asks what the restricted records of one's own patient are needed for. */
export function PurposeDialog({ patientId, onClose }: Props) {
  const id = useId();
  const [purpose, setPurpose] = useState<Purpose>('TREAT');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const open = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFailure(null);
    const code = await codeOf(bridge().access.openRestricted({ patientId, purpose }));
    setBusy(false);
    if (code === null) onClose();
    else setFailure(code);
  };
  return (
    <Dialog title={t('Open this patient’s restricted records?')} onClose={onClose} testId="purpose-dialog">
      <p>{t('What you need them for is recorded, and so is what you open. They close by themselves.')}</p>
      <form className={fields.form} onSubmit={open}>
        <div className={fields.field}>
          <label htmlFor={id}>{t('Purpose')}</label>
          <select
            id={id}
            className={fields.input}
            value={purpose}
            // biome-ignore lint/a11y/noAutofocus: the purpose is what the dialog is opened for
            autoFocus
            onChange={(event) => setPurpose(event.currentTarget.value as Purpose)}
            data-testid="purpose-choice"
          >
            {PURPOSES.map(({ code, words }) => (
              <option key={code} value={code}>
                {words}
              </option>
            ))}
          </select>
        </div>
        {failure && <FailureAlert code={failure} />}
        <DialogFoot>
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button kind="main" type="submit" busy={busy} data-testid="purpose-confirm">
            {t('Open')}
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
