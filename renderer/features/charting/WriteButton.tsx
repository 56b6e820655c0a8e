import { IconPencil, IconPlus } from '@tabler/icons-react';
import { Button } from '../../parts/Button.tsx';
import { t } from '../../words/t.ts';
import { DraftRows } from '../drafts/DraftRows.tsx';
import { type FormDraftType, KIND_OF_DRAFT } from './draftKinds.ts';
import { type RecordKind, useWrite } from './write.ts';

interface Props {
  readonly kind: RecordKind;
  /** What is recorded, for who hears the button alone: `Record an allergy`. */
  readonly words: string;
}

/** In the head of a card: records one more of what the card shows. Nothing where nothing is written. */
export function WriteButton({ kind, words }: Props) {
  const write = useWrite();
  if (!write) return null;
  return (
    <Button
      size="tiny"
      icon={<IconPlus size={14} aria-hidden />}
      disabled={write.blocked !== null}
      title={write.blocked ?? words}
      aria-label={words}
      onClick={() => write.open({ kind })}
      data-testid={`record-${kind}`}
    >
      {t('Record')}
    </Button>
  );
}

/** Above what a card shows: what was typed for it and nobody has saved. */
export function FormDrafts({ type, now }: { readonly type: FormDraftType; readonly now: Date }) {
  const write = useWrite();
  if (!write) return null;
  return (
    <DraftRows
      patientId={write.patientId}
      resourceType={type}
      now={now}
      onOpen={(id) =>
        write.open(id === null ? { kind: KIND_OF_DRAFT[type] } : { kind: 'correct', record: { type, id } })
      }
    />
  );
}

/** In the head of the chart: all that can be written in it. */
export function WriteMenuButton() {
  const write = useWrite();
  if (!write) return null;
  return (
    <Button
      size="tiny"
      icon={<IconPencil size={14} aria-hidden />}
      onClick={() => write.open({ kind: 'menu' })}
      title={t('Write in this chart (N)')}
      aria-keyshortcuts="N"
      data-testid="write-open"
    >
      {t('Write…')}
    </Button>
  );
}
