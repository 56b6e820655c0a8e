import type { ReactNode } from 'react';
import { Button } from './Button.tsx';
import { Dialog, DialogFoot } from './Dialog.tsx';

interface Props {
  readonly title: string;
  /** What happens if it is done. */
  readonly children: ReactNode;
  /** What the button that does it says: the deed, never "OK". */
  readonly deed: string;
  readonly refusal: string;
  readonly busy?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly testId: string;
}

/** Asks before something that can't be taken back. The focus begins on what changes nothing. */
export function ConfirmDialog({ title, children, deed, refusal, busy = false, onConfirm, onClose, testId }: Props) {
  return (
    <Dialog title={title} onClose={onClose} testId={testId}>
      {children}
      <DialogFoot>
        <Button onClick={onClose} autoFocus>
          {refusal}
        </Button>
        <Button kind="danger" busy={busy} onClick={onConfirm} data-testid={`${testId}-confirm`}>
          {deed}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
