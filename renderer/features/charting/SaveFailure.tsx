import { FailureAlert } from '../../parts/Alert.tsx';
import css from './charting.module.css';
import './chartingErrors.ts';
import type { Failure } from './useSaving.ts';

/** Why something was not saved, with a line for each part of it that is wrong. */
export function SaveFailure({ failure }: { readonly failure: Failure | null }) {
  if (failure === null) return null;
  return (
    <FailureAlert code={failure.code}>
      {failure.lines.length > 0 && (
        <ul className={css.lines} data-testid="failure-lines">
          {failure.lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </FailureAlert>
  );
}
