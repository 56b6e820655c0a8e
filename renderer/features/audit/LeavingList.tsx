import type { Integrity } from '../../../preload/contract/audit.ts';
import { t } from '../../words/t.ts';
import css from './audit.module.css';
import { channelTitle, deliveryState, type LeavingState, sendingState } from './leavingWords.ts';

interface Props {
  readonly integrity: Pick<Integrity, 'delivery' | 'sending' | 'size'>;
}

/** Where alarms and the record go from this workstation, and what is in the way. */
export function LeavingList({ integrity: { delivery, sending, size } }: Props) {
  return (
    <div className={css.leaving} data-testid="leaving">
      <h3>{t('Leaves this workstation')}</h3>
      <dl>
        {sending.length === 0 && (
          <Line title={t('Alarms')} state={stays(t('Shown here only: policy names nobody to tell'))} />
        )}
        {sending.map((one) => (
          <Line key={one.channel} title={channelTitle(one)} state={sendingState(one)} />
        ))}
        {delivery.length === 0 && (
          <Line title={t('Record of access')} state={stays(t('Stays here: policy names no place for it'))} />
        )}
        {delivery.map((one) => (
          <Line
            key={one.target}
            title={t('Record to “{target}”', { target: one.target })}
            state={deliveryState(one, size)}
          />
        ))}
      </dl>
    </div>
  );
}

function stays(words: string): LeavingState {
  return { tone: 'plain', words, code: null };
}

function Line({ title, state: { tone, words, code } }: { readonly title: string; readonly state: LeavingState }) {
  return (
    <div data-testid="leaving-line">
      <dt>{title}</dt>
      <dd data-tone={tone}>
        {words}
        {code && <span className="wl-code"> {code}</span>}
      </dd>
    </div>
  );
}
