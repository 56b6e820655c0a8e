import { useState } from 'react';
import type { PendingChange } from '../../../preload/contract/sync.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { rich } from '../../words/rich.tsx';
import { t } from '../../words/t.ts';
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
      title={t('Withdraw this change?')}
      deed={t('Withdraw')}
      refusal={t('Keep it')}
      busy={busy}
      onConfirm={withdraw}
      onClose={onClose}
      testId="withdraw-dialog"
    >
      <p>{rich('{title} of {who}', { title: <strong>{change.title}</strong>, who: <bdi>{whose(change)}</bdi> })}</p>
      <p>{t('{consequences} That you withdrew it is recorded.', { consequences: CONSEQUENCES[change.action] })}</p>
      {failure && <FailureAlert code={failure} />}
    </ConfirmDialog>
  );
}

const CONSEQUENCES = {
  create: t('It never reached the server. It is removed from this workstation and kept nowhere.'),
  update: t('What you changed is given up, and the record shows again what the server has.'),
  delete: t('The record stays, as the server has it.'),
} as const;
