import { Fragment } from 'react';
import css from './chart.module.css';

/** The second line of a record, in parts that aren't broken where they fit: a date is read as a whole. */
export function Details({ parts }: { readonly parts: readonly (string | null | false)[] }) {
  const shown = parts.filter((part): part is string => typeof part === 'string' && part !== '');
  if (shown.length === 0) return null;
  return (
    <p className={css.sub}>
      {shown.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two may say the same
        <Fragment key={index}>
          {index > 0 && ' · '}
          <bdi className={css.part}>{part}</bdi>
        </Fragment>
      ))}
    </p>
  );
}
