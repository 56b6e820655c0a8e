import { useId } from 'react';
import { t } from '../../words/t.ts';
import css from './results.module.css';
import type { TimeRange, TimeRangeId } from './timeRanges.ts';

interface Props {
  readonly ranges: readonly TimeRange[];
  readonly chosen: TimeRangeId;
  readonly onChoose: (id: TimeRangeId) => void;
}

/** How far back the plot looks. Radio buttons, so that the arrow keys choose. */
export function RangePicker({ ranges, chosen, onChoose }: Props) {
  const name = useId();
  return (
    <fieldset className={css.ranges} data-testid="trend-ranges">
      <legend className="wl-said">{t('Time range of the plot')}</legend>
      {ranges.map(({ id, words }) => (
        <label key={id} className={css.rangeOption}>
          <input
            type="radio"
            className="wl-said"
            name={name}
            value={id}
            checked={id === chosen}
            onChange={() => onChoose(id)}
          />
          {words}
        </label>
      ))}
    </fieldset>
  );
}
