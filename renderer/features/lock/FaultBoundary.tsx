/** @jsxImportSource preact */
import { Component, type ComponentChildren } from 'preact';
import { errorWords } from '../../app/errors.ts';
import { t } from '../../words/t.ts';
import { LockButton } from './LockButton.tsx';
import css from './lock.module.css';
import { ScreenCard } from './ScreenCard.tsx';

/** Catches a fault of a screen before the unlock. What the error says is neither shown nor logged. */
export class FaultBoundary extends Component<{ children: ComponentChildren }, { broken: boolean }> {
  override state = { broken: false };

  static override getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    const words = errorWords('internal');
    return (
      <ScreenCard title={words.title} testId="error-state">
        <div role="alert" className={css.text}>
          <p>{words.means}</p>
          <p>{words.act}</p>
        </div>
        <div className={css.actions}>
          <LockButton kind="main" onClick={() => this.setState({ broken: false })} focused>
            {t('Try again')}
          </LockButton>
          <span className="wl-code">{t('Code for IT: internal')}</span>
        </div>
      </ScreenCard>
    );
  }
}
