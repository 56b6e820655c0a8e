import { useEffect, useRef } from 'react';
import type { CameraMessage } from '../../camera/messages.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { t } from '../../words/t.ts';
import css from './documents.module.css';

const ORIGIN = 'camera://photo';

interface Props {
  readonly patientName: string;
  /** By what else the patient is told from others. */
  readonly identity: string;
  readonly captureId: string;
  readonly onTaken: () => void;
  readonly onClose: () => void;
}

/**
 * Lets a photo be taken in a frame of another origin, which alone may have the camera, sends what it takes to main, and
 * tells the page no more than that (decision 56).
 */
export function TakePhoto({ patientName, identity, captureId, onTaken, onClose }: Props) {
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => {
    const listen = ({ origin, source, data }: MessageEvent) => {
      if (origin !== ORIGIN || source !== frame.current?.contentWindow) return;
      const message = data as CameraMessage;
      if (message === 'wardlight-camera:close') onClose();
      if (message === 'wardlight-camera:taken') onTaken();
    };
    window.addEventListener('message', listen);
    return () => window.removeEventListener('message', listen);
  }, [onTaken, onClose]);
  return (
    <Dialog title={t('Take a photo')} onClose={onClose} wide testId="camera">
      <p className={css.whose} data-testid="camera-patient">
        {t('For the chart of')} <strong>{patientName}</strong> <span className={css.sub}>{identity}</span>
      </p>
      <iframe
        ref={frame}
        className={css.frame}
        title={t('Camera')}
        src={`${ORIGIN}/camera/index.html#${captureId}`}
        sandbox="allow-scripts allow-same-origin"
        referrerPolicy="no-referrer"
        allow={`camera ${ORIGIN}`}
        onLoad={() => frame.current?.focus()}
        data-testid="camera-frame"
      />
    </Dialog>
  );
}
