import { useQuery } from '@tanstack/react-query';
import type { DraftKey, DraftLine } from '../../../preload/contract/drafts.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { flushed } from '../../app/flushing.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { formatWhen } from '../../parts/dates.ts';
import { formatName } from '../../parts/names.ts';
import { t } from '../../words/t.ts';
import css from './changes.module.css';

interface Props {
  readonly now: Date;
  readonly onDraft: (draft: DraftKey) => void;
}

/** What was typed and nobody has saved: no change waits for them, so they are easily forgotten. */
export function DraftList({ now, onDraft }: Props) {
  const drafts = useQuery({
    queryKey: queryKeys.drafts,
    queryFn: async () => {
      await flushed();
      return unwrap(bridge().drafts.list({}));
    },
    ...recordOptions,
  });
  if (drafts.isError) return <FailureAlert code={failureCode(drafts.error)} />;
  const { items = [], hidden = 0 } = drafts.data ?? {};
  if (items.length + hidden === 0) return null;
  return (
    <section aria-labelledby="drafts-title" data-testid="drafts" className={css.drafts}>
      <h2 id="drafts-title" className={css.groupTitle}>
        {t('Drafts')} <span className={css.groupCount}>{items.length}</span>
      </h2>
      <p className={css.groupMeans}>{t('Typed and not saved. They are on this workstation only, and are not sent.')}</p>
      <ul className={css.items}>
        {items.map((draft) => (
          <DraftRow
            key={`${draft.patientId} ${draft.resourceType} ${draft.resourceId}`}
            draft={draft}
            now={now}
            onDraft={onDraft}
          />
        ))}
      </ul>
      {hidden > 0 && (
        <p className="wl-muted" data-testid="drafts-hidden">
          {t(
            '{hidden, plural, one {One more draft is for a chart or record that you may not see now. It is kept, and shown again when you may.} other {# more drafts are for charts or records that you may not see now. They are kept, and shown again when you may.}}',
            { hidden },
          )}
        </p>
      )}
    </section>
  );
}

function DraftRow({ draft, now, onDraft }: Props & { readonly draft: DraftLine }) {
  const name = formatName(draft.patient);
  return (
    <li className={css.item} data-testid="draft">
      <div className={css.what}>
        <p>
          <strong>{draft.title}</strong> <span className={css.tag}>{t('draft')}</span>
        </p>
        <p className={css.sub}>
          <bdi>{name}</bdi> {t('· typed {when}', { when: formatWhen(draft.changedAt, now) })}
        </p>
      </div>
      <div className={css.actions}>
        <Button
          onClick={() => onDraft(draft)}
          aria-label={t('Open the draft: {title}, {name}', { title: draft.title, name })}
          data-testid="draft-open"
        >
          {t('Open')}
        </Button>
      </div>
    </li>
  );
}
