import type { PendingChange, ServerIssue } from '../../../preload/contract/sync.ts';
import { t } from '../../words/t.ts';
import css from './changes.module.css';
import { problemLines } from './changeWords.ts';
import { issueWords, placeWords } from './issueWords.ts';

interface Props {
  /** Of the record. */
  readonly type: string;
  readonly problem: NonNullable<PendingChange['problem']>;
}

/** Why the server did not take a change, in plain words, with its own and a code for IT. */
export function Rejection({ type, problem }: Props) {
  return (
    <ul className={css.problem} data-testid="change-problem">
      {problem.issues.length > 0
        ? problem.issues.map((issue) => <Issue key={JSON.stringify(issue)} type={type} issue={issue} />)
        : problemLines(problem).map((line) => <li key={line}>{line}</li>)}
      <li className="wl-code">{problem.code}</li>
    </ul>
  );
}

/** What the server has against a record, where in it, and its own words for IT or for who knows the server. */
function Issue({ type, issue }: { readonly type: string; readonly issue: ServerIssue }) {
  const place = placeWords(type, issue.at);
  return (
    <li>
      {place && <strong>{place}: </strong>}
      {issueWords(issue)}
      {issue.said && <span className={css.said}>{t('The server says: {said}', { said: issue.said })}</span>}
    </li>
  );
}
