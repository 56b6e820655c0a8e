import { useId } from 'react';
import css from './results.module.css';

interface Option<Id extends string> {
  readonly id: Id;
  readonly words: string;
}

interface Props<Id extends string> {
  /** What is chosen, for those who don't see it. */
  readonly legend: string;
  readonly options: readonly Option<Id>[];
  /** Null where none of them is. */
  readonly chosen: Id | null;
  readonly onChoose: (id: Id) => void;
  readonly testId: string;
}

/** One of a few. Radio buttons, so that the arrow keys choose. */
export function Segments<Id extends string>({ legend, options, chosen, onChoose, testId }: Props<Id>) {
  const name = useId();
  return (
    <fieldset className={css.ranges} data-testid={testId}>
      <legend className="wl-said">{legend}</legend>
      {options.map(({ id, words }) => (
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
