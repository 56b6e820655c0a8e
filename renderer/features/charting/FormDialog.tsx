import type { ReactNode } from 'react';
import { Dialog } from '../../parts/Dialog.tsx';
import css from './charting.module.css';
import type { Who } from './write.ts';

interface Props {
  readonly title: string;
  readonly who: Who;
  /** Whoever closes it may be asked first. */
  readonly onClose: () => void;
  readonly testId: string;
  readonly children: ReactNode;
}

/** A dialog in which something is written: whose record it is stands in it, as the banner is covered. */
export function FormDialog({ title, who, onClose, testId, children }: Props) {
  return (
    <Dialog title={title} asks roomy onClose={onClose} testId={testId}>
      <PatientLine who={who} />
      {children}
    </Dialog>
  );
}

export function PatientLine({ who }: { readonly who: Who }) {
  return (
    <p className={css.who} data-testid="form-patient">
      <strong>
        <bdi>{who.name}</bdi>
      </strong>{' '}
      <bdi>{who.identity}</bdi>
    </p>
  );
}
