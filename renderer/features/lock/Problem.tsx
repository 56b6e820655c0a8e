/** @jsxImportSource preact */
import { errorWords } from '../../app/errors.ts';
import { t } from '../../words/t.ts';
import css from './lock.module.css';

interface Props {
  readonly code: string;
  readonly testId?: string;
}

/** A problem beside the field that it stopped, told at once to a screen reader. */
export function Problem({ code, testId }: Props) {
  const words = errorWords(code);
  return (
    <div className={css.problem} role="alert" data-testid={testId} data-code={code}>
      <p>
        <strong>{words.title}.</strong> {words.means} {words.act}
      </p>
      <p className="wl-code">{t('Code: {code}', { code })}</p>
    </div>
  );
}
