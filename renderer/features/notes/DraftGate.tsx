import { type ReactNode, useEffect, useState } from 'react';
import type { DraftItem } from '../../../preload/contract/drafts.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { flushed } from '../../app/flushing.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { formatWhen } from '../../parts/dates.ts';
import { ErrorState } from '../../parts/ErrorState.tsx';
import type { DraftKey } from './draftKeeper.ts';
import css from './notes.module.css';

interface Props extends DraftKey {
  /** The editor, with the draft that somebody goes on with. */
  readonly children: (draft: DraftItem | null) => ReactNode;
}

type Found =
  | { readonly kind: 'looking' }
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'asked'; readonly draft: DraftItem }
  | { readonly kind: 'decided'; readonly draft: DraftItem | null };

/**
 * Before somebody writes: is there a draft of this text? It is gone on with or given up before anything is typed, as
 * what is typed takes the place of the draft.
 */
export function DraftGate({ patientId, children, ...props }: Props) {
  // A note that was written here gets the server's id once it was sent; whoever is writing is not asked again.
  const [noteId] = useState(props.noteId);
  const [found, setFound] = useState<Found>({ kind: 'looking' });
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt looks anew
  useEffect(() => {
    let live = true;
    const tell = (next: Found) => live && setFound(next);
    const look = async () => {
      // An editor that was left a moment ago may be handing over its text still.
      await flushed();
      const answer = await bridge().drafts.ofPatient({ patientId });
      if (!answer.ok) return tell({ kind: 'failed', code: answer.error.code });
      const draft = answer.value.items.find((item) => item.noteId === noteId);
      tell(draft ? { kind: 'asked', draft } : { kind: 'decided', draft: null });
    };
    look().catch(() => tell({ kind: 'failed', code: 'internal' }));
    return () => {
      live = false;
    };
  }, [patientId, noteId, attempt]);

  if (found.kind === 'looking') return <div aria-busy="true" />;
  if (found.kind === 'failed') {
    return <ErrorState code={found.code} onRetry={() => setAttempt(attempt + 1)} />;
  }
  if (found.kind === 'decided') return children(found.draft);
  const { draft } = found;
  return (
    <DraftOffer
      draft={draft}
      onContinue={() => setFound({ kind: 'decided', draft })}
      onDiscarded={() => setFound({ kind: 'decided', draft: null })}
    />
  );
}

interface OfferProps {
  readonly draft: DraftItem;
  readonly onContinue: () => void;
  readonly onDiscarded: () => void;
}

function DraftOffer({ draft, onContinue, onDiscarded }: OfferProps) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const { patientId, noteId, title, changedAt, body } = draft;

  const discard = async () => {
    setBusy(true);
    const code = await codeOf(bridge().drafts.drop({ patientId, noteId }));
    setBusy(false);
    setAsking(false);
    setFailure(code);
    if (code === null) onDiscarded();
  };
  return (
    <section className={css.reader} aria-labelledby="draft-title" data-testid="draft-offer">
      <div className={css.readerHead}>
        <h2 id="draft-title">{noteId === null ? title : `Amend: ${title}`}</h2>
      </div>
      <p className={css.draftLine}>
        <strong>Draft from {formatWhen(changedAt, new Date())}, not saved.</strong> It is on this workstation only, and
        nobody else sees it.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section className={css.body} tabIndex={0} aria-label="Text of the draft" data-testid="draft-body">
        {body}
      </section>
      {failure && <FailureAlert code={failure} />}
      <footer className={css.editorFoot}>
        <span />
        <Button onClick={() => setAsking(true)} data-testid="draft-discard">
          Discard the draft
        </Button>
        <Button kind="main" autoFocus onClick={onContinue} data-testid="draft-continue">
          Go on writing
        </Button>
      </footer>
      {asking && (
        <ConfirmDialog
          title="Discard the draft?"
          deed="Discard the draft"
          refusal="Keep it"
          busy={busy}
          onConfirm={discard}
          onClose={() => setAsking(false)}
          testId="draft-discard-dialog"
        >
          <p>It was never saved. Its text is kept nowhere else.</p>
        </ConfirmDialog>
      )}
    </section>
  );
}
