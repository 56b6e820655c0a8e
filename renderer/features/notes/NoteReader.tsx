import { useQuery } from '@tanstack/react-query';
import type { NoteText } from '../../../preload/contract/notes.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { formatDateTime } from '../../parts/dates.ts';
import { ErrorState } from '../../parts/ErrorState.tsx';
import css from './notes.module.css';

/** The text of one note, as text: what looks like HTML is shown as it was written (design rule 9). */
export function NoteReader({ patientId, noteId }: { readonly patientId: string; readonly noteId: string }) {
  const note = useQuery({
    queryKey: queryKeys.note(patientId, noteId),
    queryFn: () => unwrap(bridge().notes.read({ patientId, noteId })),
    ...recordOptions,
  });
  if (note.isError) return <ErrorState code={failureCode(note.error)} onRetry={() => void note.refetch()} />;
  if (!note.data) return <div aria-busy="true" />;
  return <Reader note={note.data} />;
}

function Reader({ note }: { readonly note: NoteText }) {
  const { title, author, date, status, body, contentType } = note;
  const wrong = status === 'entered-in-error';
  return (
    <article className={css.reader}>
      <h2>{title}</h2>
      <p className={css.sub}>
        {[formatDateTime(date), author, status.replaceAll('-', ' ')].filter(Boolean).join(' · ')}
      </p>
      {wrong && <p className={css.wrong}>This note was entered in error. Do not act on it.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section className={css.body} tabIndex={0} aria-label="Text of the note" data-testid="note-body">
        {body ?? (
          <span className="wl-muted">
            This document can't be shown as text yet ({contentType ?? 'content type not recorded'}).
          </span>
        )}
      </section>
    </article>
  );
}
