import type { NoteText } from '../../../preload/contract/notes.ts';
import { bridge } from '../../app/bridge.ts';
import { SaveFailure } from './SaveFailure.tsx';
import { SignWarning } from './SignWarning.tsx';
import { useSaving } from './useSaving.ts';

interface Props {
  readonly patientId: string;
  readonly note: Pick<NoteText, 'id' | 'versionId'>;
  readonly onClose: () => void;
}

/** Signs a note that was saved before, in the version that is shown. */
export default function SignDialog({ patientId, note: { id, versionId }, onClose }: Props) {
  const { busy, failure, save } = useSaving();
  const sign = async () => {
    if (await save(() => bridge().charting.signNote({ patientId, id, versionId }))) onClose();
  };
  return (
    <SignWarning busy={busy} onSign={() => void sign()} onClose={onClose}>
      <SaveFailure failure={failure} />
    </SignWarning>
  );
}
