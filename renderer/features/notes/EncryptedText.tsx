import type { NoteText } from '../../../preload/contract/notes.ts';
import { t } from '../../words/t.ts';
import { SealedParts } from '../documents/SealedParts.tsx';

interface Props {
  readonly patientId: string;
  readonly note: Pick<NoteText, 'id'>;
  readonly onShown?: (body: string) => void;
}

const PATHS = ['content.attachment.data'];

/** The text of a note that is encrypted, opened when somebody asks. */
export function EncryptedText({ patientId, note: { id }, onShown }: Props) {
  return (
    <SealedParts
      patientId={patientId}
      type="DocumentReference"
      id={id}
      paths={PATHS}
      brief={false}
      masked={t('The text of this note is encrypted.')}
      onShown={(texts) => onShown?.(texts.join('\n'))}
    />
  );
}
