import type { RecordView } from '../../../preload/contract/timeline.ts';
import { t } from '../../words/t.ts';
import { DiffText } from '../sync/DiffText.tsx';
import { type ComparedField, comparedFields } from './compare.ts';
import css from './timeline.module.css';
import { versionWords } from './timelineWords.ts';

interface Props {
  readonly before: RecordView;
  readonly after: RecordView;
}

/** What changed from one version to another, element by element; what both say alike is folded away. */
export function CompareFields({ before, after }: Props) {
  const all = comparedFields(before, after);
  const changed = all.filter((field) => field.before !== field.after);
  const same = all.filter((field) => field.before === field.after);
  return (
    <section aria-label={t('Comparison')} data-testid="record-comparison">
      <p className={css.sub}>
        {t('From: {version}', { version: versionWords(before.shown) })}
        <br />
        {t('To: {version}', { version: versionWords(after.shown) })}
      </p>
      {changed.length === 0 && <p className={css.none}>{t('Both say the same in every element that is shown.')}</p>}
      {changed.map((field) => (
        <Changed key={field.path} field={field} />
      ))}
      {same.length > 0 && (
        <details className={css.same}>
          <summary>
            {t('{count} alike', {
              count: t('{count, plural, one {# element} other {# elements}}', { count: same.length }),
            })}
          </summary>
          <dl className={css.fields}>
            {same.map(({ path, label, after: text }) => (
              <div key={path}>
                <dt>{label}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </section>
  );
}

function Changed({ field: { path, label, before, after } }: { readonly field: ComparedField }) {
  return (
    <div className={css.changed} data-testid="changed-field" data-path={path}>
      <h3>{label}</h3>
      <div>
        <p className={css.side}>{t('Before')}</p>
        <p className={css.text}>{before ?? <span className="wl-muted">{t('not there')}</span>}</p>
      </div>
      <div>
        <p className={css.side}>{t('After')}</p>
        <p className={css.text}>
          {after === null ? (
            <span className="wl-muted">{t('taken out')}</span>
          ) : (
            <DiffText before={before} after={after} />
          )}
        </p>
      </div>
    </div>
  );
}
