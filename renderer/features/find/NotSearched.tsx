import type { ChartFound, PanelFound } from '../../../preload/contract/find.ts';
import { WithheldNotice } from '../../parts/WithheldNotice.tsx';
import { t } from '../../words/t.ts';
import { gapWords } from '../timeline/timelineWords.ts';
import css from './find.module.css';
import { incompleteWords } from './findWords.ts';

interface Props {
  readonly found: Pick<ChartFound, 'gaps' | 'withheld'>;
  readonly panel: PanelFound | undefined;
}

/** What was not searched: whoever finds nothing must not take it for nothing being there (design rule 7). */
export function NotSearched({ found: { gaps, withheld }, panel }: Props) {
  const words = [...(panel ? [incompleteWords(panel)] : []), ...gapWords(gaps)].filter((one) => one !== null);
  return (
    <>
      {words.length > 0 && (
        <div className={css.gaps} data-testid="find-gaps">
          <strong>{t('Not searched.')}</strong> {words.join(' ')}
        </div>
      )}
      <WithheldNotice withheld={withheld} about={t('What was searched')} />
    </>
  );
}
