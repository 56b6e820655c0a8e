import { IconAlertTriangle } from '@tabler/icons-react';
import { errorWords } from '../app/errors.ts';
import { t } from '../words/t.ts';
import { Button } from './Button.tsx';
import css from './parts.module.css';

interface Props {
  readonly code: string;
  readonly heading?: 'h1' | 'h2';
  readonly onRetry?: () => void;
}

/** A failure in place of what could not be shown: what happened, what it means, what to do, and the code for IT. */
export function ErrorState({ code, heading: Heading = 'h2', onRetry }: Props) {
  const words = errorWords(code);
  return (
    <div className={css.error} role="alert" data-testid="error-state" data-code={code}>
      <IconAlertTriangle size={22} aria-hidden className={css.errorIcon} />
      <div>
        <Heading>{words.title}</Heading>
        <p>{words.means}</p>
        <p>{words.act}</p>
        <p className="wl-code">{t('Code: {code}', { code })}</p>
        {onRetry && (
          <div className={css.errorAct}>
            <Button onClick={onRetry}>{t('Try again')}</Button>
          </div>
        )}
      </div>
    </div>
  );
}
