/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import css from './lock.module.css';

interface Props {
  readonly title: string;
  readonly testId?: string;
  readonly children: ComponentChildren;
}

/** The one card of a screen without patients. */
export function ScreenCard({ title, testId, children }: Props) {
  return (
    <main className={css.screen} data-testid={testId}>
      <div className={css.card}>
        <p className={css.brand}>Wardlight</p>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
