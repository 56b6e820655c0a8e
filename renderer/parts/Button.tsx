import type { ComponentProps, ReactNode } from 'react';
import css from './button.module.css';

interface Props extends ComponentProps<'button'> {
  /** `main`: what the screen is for, once on it; `danger`: what can't be taken back. */
  readonly kind?: 'main' | 'danger' | 'default';
  /** `tiny`: in the head of a card. */
  readonly size?: 'tiny' | 'small' | 'large';
  readonly icon?: ReactNode;
  /** Under way: pressing again does nothing, but the focus stays. */
  readonly busy?: boolean;
}

/** The page's button; small enough for the screens before the unlock, which load little. */
export function Button({ kind = 'default', size = 'small', icon, busy = false, children, onClick, ...rest }: Props) {
  return (
    <button
      type="button"
      className={css.button}
      data-kind={kind}
      data-size={size}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={busy ? undefined : onClick}
      {...rest}
    >
      {busy ? <span className={css.wheel} aria-hidden /> : icon}
      {children}
    </button>
  );
}

/** A button without a look of its own: it has the font and colour of the text around it. */
export function PlainButton({ className, ...rest }: ComponentProps<'button'>) {
  return <button type="button" className={className ? `${css.plain} ${className}` : css.plain} {...rest} />;
}
