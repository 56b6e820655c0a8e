import { type ReactNode, useEffect, useId, useRef } from 'react';
import css from './dialog.module.css';

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  readonly testId?: string;
  readonly children: ReactNode;
}

/** The browser's own dialog: it keeps the focus inside, closes on Escape and gives the focus back. */
export function Dialog({ title, onClose, testId, children }: Props) {
  const titleId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} className={css.dialog} aria-labelledby={titleId} onClose={onClose} data-testid={testId}>
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  );
}

/** The buttons of a dialog, with something on their left where there is something to say. */
export function DialogFoot({ said, children }: { readonly said?: ReactNode; readonly children: ReactNode }) {
  return (
    <footer className={css.foot}>
      <div className={css.said}>{said}</div>
      {children}
    </footer>
  );
}
