import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { bridge, unwrap } from '../../app/bridge.ts';
import { flushed } from '../../app/flushing.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { formatWhen } from '../../parts/dates.ts';
import css from './notes.module.css';
import type { OpenNote } from './openNote.ts';

interface Props {
  readonly patientId: string;
  readonly now: Date;
  readonly onOpen: (open: OpenNote) => void;
}

/** Above the notes: texts for this patient that nobody has saved. */
export function DraftRows({ patientId, now, onOpen }: Props) {
  const drafts = useQuery({
    queryKey: queryKeys.patientDrafts(patientId),
    queryFn: async () => {
      await flushed();
      return unwrap(bridge().drafts.ofPatient({ patientId }));
    },
    ...recordOptions,
  });
  const { items = [], withheld = 0 } = drafts.data ?? {};
  return (
    <>
      {items.length > 0 && (
        <ul className={css.drafts} aria-label="Drafts">
          {items.map(({ noteId, title, changedAt }) => (
            <li key={noteId ?? ''}>
              <button
                type="button"
                className={css.draft}
                onClick={() => onOpen(noteId === null ? { kind: 'new' } : { kind: 'amend', id: noteId })}
                data-testid="draft-row"
              >
                <IconPencil size={14} aria-hidden />
                <span>
                  <span className={css.title}>{title}</span>
                  <span className={css.sub}>Draft from {formatWhen(changedAt, now)}, not saved</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {withheld > 0 && (
        <p className={css.withheld} data-testid="drafts-withheld">
          {withheld === 1 ? 'A draft is withheld: its note' : `${withheld} drafts are withheld: their notes`} may not be
          seen now. {withheld === 1 ? 'It is' : 'They are'} kept, and shown again when you may.
        </p>
      )}
    </>
  );
}
