import type { DraftKey } from '../../../preload/contract/drafts.ts';
import type { PendingChange, SyncStatus } from '../../../preload/contract/sync.ts';
import { useShortcuts } from '../../app/keyboard.ts';
import { ChangesView } from './ChangesView.tsx';
import { ConflictView } from './ConflictView.tsx';

interface Props {
  readonly status: SyncStatus;
  /** The server's address. */
  readonly server: string;
  /** The conflict that is looked at; null for the list of all unsent changes. */
  readonly changeId: string | null;
  readonly onChange: (changeId: string | null) => void;
  readonly onBack: () => void;
  readonly onChart: (patientId: string) => void;
  readonly onCorrect: (change: PendingChange) => void;
  readonly onDraft: (draft: DraftKey) => void;
}

/** What was written here and is not on the server yet, and what a person has to decide about it. */
export default function SyncView({ status, server, changeId, onChange, onBack, onChart, onCorrect, onDraft }: Props) {
  const back = changeId === null ? onBack : () => onChange(null);
  useShortcuts({ Escape: back, 'alt+arrowleft': back });
  if (changeId !== null) return <ConflictView key={changeId} changeId={changeId} onDone={() => onChange(null)} />;
  return (
    <ChangesView
      status={status}
      server={server}
      onBack={onBack}
      onConflict={(id) => onChange(id)}
      onChart={onChart}
      onCorrect={onCorrect}
      onDraft={onDraft}
    />
  );
}
