/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import { LANGUAGE_NAMES, OTHER_LANGUAGES, speak } from '../../words/languages.ts';
import { t } from '../../words/t.ts';
import css from './lock.module.css';

interface Props {
  readonly title: string;
  readonly testId?: string;
  readonly children: ComponentChildren;
}

/** The one card of a screen without patients. */
export function ScreenCard({ title, testId, children }: Props) {
  return (
    <main className={css.screen} data-testid={testId}>
      <div className={css.card}>
        <p className={css.brand}>{t('Wardlight')}</p>
        <h1>{title}</h1>
        {children}
        {/* Last, so that the keys lead to what the screen is for. */}
        <div className={css.languages}>
          {OTHER_LANGUAGES.map((language) => (
            <button
              key={language}
              type="button"
              lang={language}
              className={css.other}
              onClick={() => speak(language)}
              data-testid={`speak-${language}`}
            >
              {LANGUAGE_NAMES[language]}
            </button>
          ))}
        </div>
      </div>
    </main>
  );
}
