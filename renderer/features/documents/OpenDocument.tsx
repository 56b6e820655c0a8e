import { Progress } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { DocumentItem } from '../../../preload/contract/documents.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import fields from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import { DocumentViewer, type Opened } from './DocumentViewer.tsx';
import css from './documents.module.css';
import { formatSize, percentOf } from './documentWords.ts';

interface Props {
  readonly patientId: string;
  readonly patientName: string;
  readonly document: DocumentItem;
  readonly maySave: boolean;
  readonly mayOpenWith: boolean;
  readonly onClose: () => void;
}

type State =
  | { readonly kind: 'opening' }
  | { readonly kind: 'opened'; readonly opened: Opened }
  | { readonly kind: 'failed'; readonly code: string };

/** Opens a document, shows how far that is, then shows it. Leaving ends the opening, or closes what was opened. */
export function OpenDocument({ patientId, patientName, document, maySave, mayOpenWith, onClose }: Props) {
  const [tries, setTries] = useState(0);
  const state = useOpening(patientId, document.id, tries);
  if (state.kind === 'opened') {
    return (
      <DocumentViewer
        title={document.title}
        patientName={patientName}
        opened={state.opened}
        maySave={maySave}
        mayOpenWith={mayOpenWith}
        onClose={onClose}
      />
    );
  }
  return (
    <Dialog title={document.title} onClose={onClose} testId="opening">
      <div className={fields.form}>
        {state.kind === 'failed' ? (
          <FailureAlert code={state.code} />
        ) : (
          <OpenProgress patientId={patientId} documentId={document.id} />
        )}
        <DialogFoot>
          {state.kind === 'failed' && <Button onClick={() => setTries(tries + 1)}>{t('Try again')}</Button>}
          <Button onClick={onClose} autoFocus data-testid="opening-close">
            {state.kind === 'failed' ? t('Close') : t('Stop')}
          </Button>
        </DialogFoot>
      </div>
    </Dialog>
  );
}

function useOpening(patientId: string, documentId: string, tries: number): State {
  const [state, setState] = useState<State>({ kind: 'opening' });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each further try is an opening of its own
  useEffect(() => {
    let live = true;
    let handle: string | null = null;
    setState({ kind: 'opening' });
    const open = async () => {
      const answer = await bridge()
        .documents.open({ patientId, documentId })
        .catch(() => ({ ok: false as const, error: { code: 'internal' } }));
      if (answer.ok) handle = answer.value.handle;
      // Who has left before it was open leaves nothing open.
      if (!live && handle !== null) void codeOf(bridge().documents.close({ handle }));
      if (live) {
        setState(answer.ok ? { kind: 'opened', opened: answer.value } : { kind: 'failed', code: answer.error.code });
      }
      done = true;
    };
    let done = false;
    void open();
    return () => {
      live = false;
      if (!done) void codeOf(bridge().documents.cancelOpen({ patientId, documentId }));
      else if (handle !== null) void codeOf(bridge().documents.close({ handle }));
    };
  }, [patientId, documentId, tries]);
  return state;
}

function OpenProgress({ patientId, documentId }: { readonly patientId: string; readonly documentId: string }) {
  const [progress, setProgress] = useState<{ done: number; total: number } | null>(null);
  useEffect(
    () =>
      bridge().documents.onOpenProgress((told) => {
        if (told.patientId === patientId && told.documentId === documentId) setProgress(told);
      }),
    [patientId, documentId],
  );
  const words = progress
    ? t('{count} of {count2}', { count: formatSize(progress.done), count2: formatSize(progress.total) })
    : t('Opening…');
  return (
    <div role="status" data-testid="opening-progress">
      <Progress.Root size={8} radius="sm">
        <Progress.Section value={progress ? percentOf(progress) : 0} aria-label={t('Opening')} aria-valuetext={words} />
      </Progress.Root>
      <span className={`${css.sub} wl-numbers`}>{words}</span>
    </div>
  );
}
