import { useState } from 'react';
import type { PendingChange } from '../../../preload/contract/sync.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { whose } from './changeWords.ts';

interface Props {
  readonly change: PendingChange;
  readonly onClose: () => void;
}

/** What was never sent is gone with this, so it is said before it is done. */
export function WithdrawDialog({ change, onClose }: Props) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const withdraw = async () => {
    setBusy(true);
    const code = await codeOf(bridge().sync.withdraw({ id: change.id }));
    setBusy(false);
    // Withdrawn or decided meanwhile is what was wanted.
    if (code === null || code === 'not-found') onClose();
    else setFailure(code);
  };
  return (
    <ConfirmDialog
      title="Withdraw this change?"
      deed="Withdraw"
      refusal="Keep it"
      busy={busy}
      onConfirm={withdraw}
      onClose={onClose}
      testId="withdraw-dialog"
    >
      <p>
        <strong>{change.title}</strong> of <bdi>{whose(change)}</bdi>
      </p>
      <p>{CONSEQUENCES[change.action]} That you withdrew it is recorded.</p>
      {failure && <FailureAlert code={failure} />}
    </ConfirmDialog>
  );
}

const CONSEQUENCES = {
  create: 'It never reached the server. It is removed from this workstation and kept nowhere.',
  update: 'What you changed is given up, and the record shows again what the server has.',
  delete: 'The record stays, as the server has it.',
} as const;
