import { useEffect, useRef, useState } from 'react';
import type { Response } from '../../../preload/contract/index.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import type { ViewerMessage } from '../../viewer/messages.ts';
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

/**
 * Shows an opened document in a frame of another origin, which has no bridge: what a document could do there reaches
 * nothing (decision 53). All that the frame can say is one of a few fixed words.
 */
export function DocumentViewer({ title, patientName, opened, maySave, mayOpenWith, onClose }: Props) {
  const frame = useRef<HTMLIFrameElement>(null);
  const { stopped, watch } = useWatch(frame, ORIGIN);
  useEffect(() => {
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
        <span>{patientName}</span>
        {mayOpenWith && <Leaving how="openWith" handle={opened.handle} />}
        {maySave && <Leaving how="saveAs" handle={opened.handle} />}
        <Button onClick={onClose} title="Close (Esc)" data-testid="viewer-close">
          Close
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
          title={`Document: ${title}`}
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

function viewerUrl({ handle, kind, contentType }: Opened): string {
  const page = kind === 'pdf' ? 'pdf' : 'index';
  return `${ORIGIN}/viewer/${page}.html#${new URLSearchParams({ handle, kind, contentType })}`;
}

const LEAVING = {
  saveAs: {
    button: 'Save as…',
    title: 'Save a copy that is not encrypted?',
    deed: 'Save a copy',
  },
  openWith: {
    button: 'Open with…',
    title: 'Open it in another program?',
    deed: 'Open it there',
  },
} as const;

/** Lets a document leave Wardlight, where policy allows that, after saying what it means. */
function Leaving({ how, handle }: { readonly how: keyof typeof LEAVING; readonly handle: string }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const words = LEAVING[how];
  const leave = async () => {
    setBusy(true);
    const code = await codeOf(bridge().documents[how]({ handle }));
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
          refusal="Don’t"
          busy={busy}
          onConfirm={() => void leave()}
          onClose={() => setAsking(false)}
          testId={`confirm-${how}`}
        >
          <p>
            The copy is not encrypted, and Wardlight can neither protect nor delete it: whoever gets at it can read it.
            That you do this is recorded.
          </p>
          {failure && <FailureAlert code={failure} />}
        </ConfirmDialog>
      )}
    </>
  );
}
