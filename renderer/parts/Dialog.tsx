import { type ReactNode, type SyntheticEvent, useEffect, useId, useLayoutEffect, useRef } from 'react';
import css from './dialog.module.css';

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  /** Whoever closes it may be asked first, and stay. */
  readonly asks?: boolean;
  /** Takes nearly all of the window. */
  readonly wide?: boolean;
  /** Wider, for forms. */
  readonly roomy?: boolean;
  readonly testId?: string;
  readonly children: ReactNode;
}

/** The browser's own dialog: it keeps the focus inside, closes on Escape and gives the focus back. */
export function Dialog({ title, onClose, asks = false, wide = false, roomy = false, testId, children }: Props) {
  const titleId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Where what it is for isn't the first thing in it.
    element?.querySelector<HTMLElement>('[data-first-focus]')?.focus();
  }, []);
  useLayoutEffect(() => {
    const element = dialog.current;
    // While it is still in the page: one that has left it gives no focus back.
    return () => element?.close();
  }, []);
  const onEscape = (event: SyntheticEvent) => {
    if (event.target !== event.currentTarget) return;
    // The browser would close it at once and say so later: a key in between would find it neither open nor gone.
    event.preventDefault();
    onClose();
  };
  const onClosed = (event: SyntheticEvent) => {
    // React hands on what a dialog within this one says.
    if (event.target !== event.currentTarget) return;
    // Escape twice can't be prevented.
    if (asks) dialog.current?.showModal();
    onClose();
  };
  return (
    <dialog
      ref={dialog}
      className={css.dialog}
      aria-labelledby={titleId}
      onCancel={onEscape}
      onClose={onClosed}
      data-wide={wide || undefined}
      data-roomy={roomy || undefined}
      data-testid={testId}
    >
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
