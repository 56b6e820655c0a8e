import type { ReactNode } from 'react';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import { t } from '../../words/t.ts';
import { PatientLine } from './FormDialog.tsx';
import { useWrite } from './write.ts';

interface Props {
  readonly busy: boolean;
  readonly onSign: () => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

/** Before a note is signed: what can't be done with it from then on. */
export function SignWarning({ busy, onSign, onClose, children }: Props) {
  const write = useWrite();
  return (
    <Dialog title={t('Sign this note?')} onClose={onClose} testId="sign-dialog">
      {write && <PatientLine who={write.who} />}
      <p>
        <strong>{t('A signed note can’t be edited any more, by you or by anybody.')}</strong>{' '}
        {t('You can add to it, and you can mark it as entered in error.')}
      </p>
      <p>{t('With your signature you vouch for what it says.')}</p>
      {children}
      <DialogFoot>
        <Button onClick={onClose} autoFocus>
          {t('Not yet')}
        </Button>
        <Button kind="main" busy={busy} onClick={onSign} data-testid="sign-confirm">
          {t('Sign')}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
