import type { ConflictField } from '../../../preload/contract/sync.ts';
import { t } from '../../words/t.ts';
import css from './conflict.module.css';
import { type Choices, mergedText } from './merge.ts';

interface Props {
  readonly fields: readonly ConflictField[];
  readonly choices: Choices;
}

/** What the record will say where the versions differ. */
export function MergedPreview({ fields, choices }: Props) {
  return (
    <section className={css.preview} aria-labelledby="merged-title" data-testid="merged-preview">
      <h2 id="merged-title">{t('Merged version')}</h2>
      <dl>
        {fields.map((field) => (
          <div key={field.path} data-path={field.path}>
            <dt>{field.label}</dt>
            <dd className={css.text}>{previewText(mergedText(field, choices))}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function previewText(text: string | null | undefined) {
  if (text === undefined) return <strong className={css.waits}>{t('Not chosen yet')}</strong>;
  return text ?? <span className="wl-muted">{t('not there')}</span>;
}
