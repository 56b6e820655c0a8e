import type { ReactNode } from 'react';
import css from './parts.module.css';

interface Props {
  /** What it is, for who doesn't see it. */
  readonly label: string;
  readonly testId: string;
  readonly children: ReactNode;
}

/** Text in its lines as they were written, scrolled where it is long. */
export function TextPanel({ label, testId, children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={css.text} tabIndex={0} aria-label={label} data-testid={testId}>
      {children}
    </section>
  );
}
