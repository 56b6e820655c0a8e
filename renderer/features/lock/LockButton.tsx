/** @jsxImportSource preact */
import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import button from '../../parts/button.module.css';
import { useFirstFocus } from './useFirstFocus.ts';

interface Props extends ButtonHTMLAttributes {
  /** `main`: what the screen is for, once on it; `danger`: what can't be taken back. */
  readonly kind?: 'main' | 'danger' | 'default';
  /** Under way: pressing again does nothing, but the focus stays. */
  readonly busy?: boolean;
  /** Has the focus when the screen comes. */
  readonly focused?: boolean;
  readonly children: ComponentChildren;
}

/** The large button of the screens before the unlock, with the look of the page's own (`parts/Button.tsx`). */
export function LockButton({ kind = 'default', busy = false, focused = false, children, onClick, ...rest }: Props) {
  const ref = useFirstFocus<HTMLButtonElement>(focused);
  return (
    <button
      ref={ref}
      type="button"
      className={button.button}
      data-kind={kind}
      data-size="large"
      // In a dialog that opens it is the browser that places the focus.
      autofocus={focused}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={busy ? undefined : onClick}
      {...rest}
    >
      {busy && <span className={button.wheel} aria-hidden />}
      {children}
    </button>
  );
}
