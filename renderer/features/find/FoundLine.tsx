import type { FoundPatient, FoundRecord } from '../../../preload/contract/find.ts';
import { formatDate, formatDateTime } from '../../parts/dates.ts';
import { formatName } from '../../parts/names.ts';
import { UnsentBadge } from '../../parts/UnsentBadge.tsx';
import { t } from '../../words/t.ts';
import { KIND_WORDS } from '../timeline/timelineWords.ts';
import css from './find.module.css';
import { Snippet } from './Snippet.tsx';

interface Props {
  readonly record: FoundRecord;
  /** Whose it is, where that isn't plain. */
  readonly owner: FoundPatient | null;
}

/** A record that was found: whose, what, of when, and where the words stand in it. */
export function FoundLine({ record: { kind, title, time, withdrawn, unsent, snippet }, owner }: Props) {
  return (
    <div className={css.found}>
      {owner && (
        <div className={css.owner}>
          <bdi className={css.name}>{formatName(owner.name)}</bdi>
          <span>
            {owner.birthDate
              ? t('born {date}', { date: formatDate(owner.birthDate) })
              : t('date of birth not recorded')}
          </span>
          <bdi>{owner.mrn === null ? t('no MRN') : t('MRN {mrn}', { mrn: owner.mrn })}</bdi>
        </div>
      )}
      <div className={css.head}>
        <span className={css.kind}>{KIND_WORDS[kind][0]}</span>
        <span className={css.title} data-withdrawn={withdrawn || undefined}>
          {title}
        </span>
        {withdrawn && <strong className={css.wrong}>{t('Entered in error or cancelled')}</strong>}
        <UnsentBadge unsent={unsent} />
        <span className={css.time}>{time === null ? t('without a date') : formatDateTime(time)}</span>
      </div>
      {snippet && (
        <p className={css.snippet} data-testid="find-snippet">
          <Snippet snippet={snippet} />
        </p>
      )}
    </div>
  );
}
