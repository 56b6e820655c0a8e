import type { ReactNode } from 'react';
import css from './parts.module.css';

/** What stands where a list would be: a title that says why, and what can be done. */
export function EmptyState({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className={css.empty}>
      <p className={css.emptyTitle}>{title}</p>
      {children}
    </div>
  );
}
