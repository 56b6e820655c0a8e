/** @jsxImportSource preact */
import { errorWords } from '../../app/errors.ts';
import { t } from '../../words/t.ts';
import css from './lock.module.css';

interface Props {
  readonly code: string;
  /** The version that is needed, for IT. */
  readonly needs?: string | undefined;
  readonly testId?: string;
}

/** A problem beside the field that it stopped, told at once to a screen reader. */
export function Problem({ code, needs, testId }: Props) {
  const words = errorWords(code);
  return (
    <div className={css.problem} role="alert" data-testid={testId} data-code={code}>
      <p>
        <strong>{words.title}.</strong> {words.means} {words.act}
      </p>
      <p className="wl-code">{t('Code: {code}', { code: needs ? `${code} ${needs}` : code })}</p>
    </div>
  );
}
