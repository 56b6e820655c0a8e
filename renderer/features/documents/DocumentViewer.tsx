import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import type { Response } from '../../../preload/contract/index.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import type { ViewerMessage } from '../../viewer/messages.ts';
import { t } from '../../words/t.ts';
import css from './documents.module.css';
import { useWatch } from './watchViewer.ts';

export type Opened = Response<typeof import('../../../preload/contract/documents.ts')['documents']['calls']['open']>;

const ORIGIN = 'app://viewer';

interface Props {
  readonly title: string;
  readonly patientName: string;
  readonly opened: Opened;
  readonly maySave: boolean;
  readonly mayOpenWith: boolean;
  readonly onClose: () => void;
}

/** An opened document of a patient, with the ways by which it may leave. */
export function DocumentViewer({ title, patientName, opened, maySave, mayOpenWith, onClose }: Props) {
  const { handle } = opened;
  return (
    <ViewerDialog title={title} about={patientName} opened={opened} onClose={onClose}>
      {mayOpenWith && <Leaving how="openWith" leave={() => codeOf(bridge().documents.openWith({ handle }))} />}
      {maySave && <Leaving how="saveAs" leave={() => codeOf(bridge().documents.saveAs({ handle }))} />}
    </ViewerDialog>
  );
}

interface ViewerProps extends Pick<Props, 'title' | 'onClose'> {
  readonly about: string;
  readonly opened: Pick<Opened, 'handle' | 'kind' | 'contentType'>;
  /** What can be done with it. */
  readonly children: ReactNode;
}

/**
 * Shows what was opened in a frame of another origin, which has no bridge: what a document could do there reaches nothing
 * (decision 53). All that the frame can say is one of a few fixed words.
 */
export function ViewerDialog({ title, about, opened, onClose, children }: ViewerProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const { stopped, watch } = useWatch(frame, ORIGIN);
  // Listens as soon as the frame is in the page, not a while later: no word of its is missed.
  useLayoutEffect(() => {
    const listen = ({ origin, source, data }: MessageEvent) => {
      if (origin !== ORIGIN || source !== frame.current?.contentWindow) return;
      if ((data as ViewerMessage) === 'wardlight-viewer:close') onClose();
    };
    window.addEventListener('message', listen);
    return () => window.removeEventListener('message', listen);
  }, [onClose]);
  return (
    <Dialog title={title} onClose={onClose} wide testId="viewer">
      <div className={css.viewerHead}>
        <span>{about}</span>
        {children}
        <Button onClick={onClose} title={t('Close (Esc)')} data-testid="viewer-close">
          {t('Close')}
        </Button>
      </div>
      {stopped ? (
        <div className={css.stopped}>
          <FailureAlert code={stopped} />
        </div>
      ) : (
        <iframe
          ref={frame}
          className={css.frame}
          title={t('Document: {title}', { title })}
          src={viewerUrl(opened)}
          sandbox="allow-scripts allow-same-origin"
          referrerPolicy="no-referrer"
          allow=""
          onLoad={() => {
            frame.current?.focus();
            watch();
          }}
          data-testid="viewer-frame"
        />
      )}
    </Dialog>
  );
}

function viewerUrl({ handle, kind, contentType }: ViewerProps['opened']): string {
  const page = kind === 'pdf' ? 'pdf' : 'index';
  return `${ORIGIN}/viewer/${page}.html#${new URLSearchParams({ handle, kind, contentType })}`;
}

const LEAVING = {
  saveAs: {
    button: t('Save as…'),
    title: t('Save a copy that is not encrypted?'),
    deed: t('Save a copy'),
  },
  openWith: {
    button: t('Open with…'),
    title: t('Open it in another program?'),
    deed: t('Open it there'),
  },
} as const;

interface LeavingProps {
  readonly how: keyof typeof LEAVING;
  /** Answers the code of what is wrong. */
  readonly leave: () => Promise<string | null>;
}

/** Lets a document leave Wardlight, where policy allows that, after saying what it means. */
export function Leaving({ how, leave: deed }: LeavingProps) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const words = LEAVING[how];
  const leave = async () => {
    setBusy(true);
    const code = await deed();
    setBusy(false);
    setFailure(code);
    if (code === null) setAsking(false);
  };
  return (
    <>
      <Button onClick={() => setAsking(true)} data-testid={`viewer-${how}`}>
        {words.button}
      </Button>
      {asking && (
        <ConfirmDialog
          title={words.title}
          deed={words.deed}
          refusal={t('Don’t')}
          busy={busy}
          onConfirm={() => void leave()}
          onClose={() => setAsking(false)}
          testId={`confirm-${how}`}
        >
          <p>
            {t(
              'The copy is not encrypted, and Wardlight can neither protect nor delete it: whoever gets at it can read it. That you do this is recorded.',
            )}
          </p>
          {failure && <FailureAlert code={failure} />}
        </ConfirmDialog>
      )}
    </>
  );
}
