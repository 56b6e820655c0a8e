import { useState } from 'react';
import type { PendingChange } from '../../../preload/contract/sync.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button, PlainButton } from '../../parts/Button.tsx';
import { formatWhen } from '../../parts/dates.ts';
import { t } from '../../words/t.ts';
import css from './changes.module.css';
import { actionWords, attemptWords, isCorrectable, isRepeatable, whose } from './changeWords.ts';
import { Rejection } from './Rejection.tsx';
import { WithdrawDialog } from './WithdrawDialog.tsx';

/** Where a change leads to. */
export interface ChangeActions {
  readonly onConflict: (changeId: string) => void;
  readonly onChart: (patientId: string) => void;
  readonly onCorrect: (change: PendingChange) => void;
}

interface Props extends ChangeActions {
  readonly change: PendingChange;
  readonly now: Date;
}

/** One unsent change: what it is, whose, why it is not on the server, and what can be done about it. */
export function ChangeItem({ change, now, onConflict, onChart, onCorrect }: Props) {
  const { id, patientId, title, state, changedAt, attempts, problem, withheld } = change;
  const [withdrawing, setWithdrawing] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const name = whose(change);
  const about = `${title}, ${name}`;

  const retry = async () => setFailure(await codeOf(bridge().sync.retry({ id })));
  return (
    <li className={css.item} data-state={state} data-testid="change" data-change-id={id}>
      <div className={css.what}>
        <p>
          <strong>{title}</strong> <span className={css.tag}>{actionWords(change)}</span>
        </p>
        <p className={css.sub}>
          <PlainButton className={css.patient} onClick={() => onChart(patientId)} title={t('Open the chart')}>
            <bdi>{name}</bdi>
          </PlainButton>
          {` · ${[t('written {when}', { when: formatWhen(changedAt, now) }), attemptWords(attempts)].filter(Boolean).join(' · ')}`}
        </p>
        {problem && <Rejection type={change.resourceType} problem={problem} />}
        {failure && <FailureAlert code={failure} />}
      </div>
      <div className={css.actions}>
        {state === 'conflict' && !withheld && (
          <Button
            kind="main"
            onClick={() => onConflict(id)}
            aria-label={t('Resolve: {about}', { about })}
            data-testid="change-resolve"
          >
            {t('Resolve')}
          </Button>
        )}
        {state === 'parked' && !withheld && isCorrectable(change) && (
          <Button
            onClick={() => onCorrect(change)}
            aria-label={t('Correct: {about}', { about })}
            data-testid="change-correct"
          >
            {t('Correct')}
          </Button>
        )}
        {isRepeatable(change) && !withheld && (
          <Button onClick={retry} aria-label={t('Send again: {about}', { about })} data-testid="change-retry">
            {t('Send again')}
          </Button>
        )}
        {state !== 'sending' && (
          <Button
            onClick={() => setWithdrawing(true)}
            aria-label={t('Withdraw: {about}', { about })}
            data-testid="change-withdraw"
          >
            {t('Withdraw')}
          </Button>
        )}
      </div>
      {withdrawing && <WithdrawDialog change={change} onClose={() => setWithdrawing(false)} />}
    </li>
  );
}
