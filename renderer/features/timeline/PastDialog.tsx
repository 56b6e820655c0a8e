import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { PastMoments } from '../../../preload/contract/timeline.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import { formatDateTime } from '../../parts/dates.ts';
import fields from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import css from './past.module.css';
import { fieldValue, momentOf, quickMoments } from './pastMoments.ts';

interface Props {
  readonly patientId: string;
  readonly now: Date;
  /** The moment that is looked at; null where the chart is shown as it is. */
  readonly asOf: string | null;
  readonly onChoose: (asOf: string) => void;
  readonly onClose: () => void;
}

/** At which moment the chart is to be looked at, and from when on this workstation can tell. */
export default function PastDialog({ patientId, now, asOf, onChoose, onClose }: Props) {
  const id = useId();
  const [value, setValue] = useState(asOf === null ? '' : fieldValue(asOf));
  const moments = useQuery({
    queryKey: queryKeys.pastMoments(patientId),
    queryFn: () => unwrap(bridge().timeline.moments({ patientId })),
    ...recordOptions,
  });
  const moment = momentOf(value);
  const isFuture = moment !== null && Date.parse(moment) > now.getTime();
  return (
    <Dialog title={t('Look at the chart as it was known here')} onClose={onClose} testId="past-dialog">
      <form
        className={fields.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (moment && !isFuture) onChoose(moment);
        }}
      >
        <p>{t('What this workstation knew of the patient at a moment. Nothing can be written meanwhile.')}</p>
        {moments.isError && <FailureAlert code={failureCode(moments.error)} />}
        <Quick moments={moments.data} now={now} onChoose={onChoose} />
        <div className={fields.field}>
          <label htmlFor={id}>{t('Date and time')}</label>
          <input
            id={id}
            type="datetime-local"
            className={fields.input}
            value={value}
            max={fieldValue(now.toISOString())}
            onChange={(event) => setValue(event.currentTarget.value)}
            data-testid="past-input"
          />
          {isFuture && <p className={fields.wrong}>{t('This moment has not come yet.')}</p>}
        </div>
        {moments.data && <p className="wl-muted">{knownWords(moments.data)}</p>}
        <DialogFoot>
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button kind="main" type="submit" disabled={moment === null || isFuture} data-testid="past-go">
            {t('Look')}
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}

function knownWords({ since }: PastMoments): string {
  return since === null
    ? t('This workstation can’t tell since when it knows this patient.')
    : t('This workstation knows this patient since {dateTime}; of the time before it can’t tell.', {
        dateTime: formatDateTime(since),
      });
}

interface QuickProps {
  readonly moments: PastMoments | undefined;
  readonly now: Date;
  readonly onChoose: (asOf: string) => void;
}

function Quick({ moments, now, onChoose }: QuickProps) {
  return (
    <div className={css.quick}>
      {quickMoments(now, moments?.syncs ?? []).map(({ words, at }) => (
        <Button key={words} onClick={() => onChoose(at)} title={formatDateTime(at)} data-testid="past-quick">
          {words}
        </Button>
      ))}
    </div>
  );
}
