import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { errorWords } from '../app/errors.ts';
import css from './parts.module.css';

/** A failed call, beside what was tried: what happened, what to do, and the code for IT. */
export function FailureAlert({ code, children }: { readonly code: string; readonly children?: ReactNode }) {
  const { title, means, act } = errorWords(code);
  return (
    <div className={css.alert} role="alert" data-testid="failure" data-code={code}>
      <IconAlertTriangle size={18} aria-hidden />
      <div>
        <p>
          <strong>{title}.</strong> {means} {act} <span className="wl-code">{code}</span>
        </p>
        {children}
      </div>
    </div>
  );
}
