import type { ReactNode } from 'react';
import { SealedParts } from '../documents/SealedParts.tsx';
import css from './chart.module.css';
import { Details } from './Details.tsx';

interface Props {
  readonly patientId: string;
  readonly type: string;
  readonly item: { readonly id: string; readonly encrypted: readonly string[] };
  readonly title: string;
  /** Never true: it is struck through. */
  readonly struck?: boolean;
  /** Beside the title: mostly when. */
  readonly aside?: string;
  readonly details?: readonly (string | null | false)[];
  readonly children?: ReactNode;
}

/** One record of a section: what it is, when, and a second line in small letters. */
export function RecordLine({ patientId, type, item, title, struck = false, aside, details = [], children }: Props) {
  return (
    <li className={css.item}>
      <p className={css.pair}>
        <bdi className={struck ? css.struck : css.strong}>{title}</bdi>
        <SealedParts patientId={patientId} type={type} id={item.id} paths={item.encrypted} />
        {aside && <span className={css.sub}>{aside}</span>}
      </p>
      <Details parts={details} />
      {children}
    </li>
  );
}
