import { IconAlertTriangle, IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { EarlyWarning as Warning, WarningValue } from '../../../preload/contract/results.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { PlainButton } from '../../parts/Button.tsx';
import { formatDateTime, formatWhen } from '../../parts/dates.ts';
import { Quantity } from '../../parts/Quantity.tsx';
import { UnsentBadge } from '../../parts/UnsentBadge.tsx';
import { isWithheld } from '../../parts/withheldWords.ts';
import { t } from '../../words/t.ts';
import css from './earlyWarning.module.css';
import {
  INPUT_NAMES,
  isOver,
  newestTime,
  problemWords,
  RISKS,
  scaleWords,
  threes,
  whyNot,
} from './earlyWarningWords.ts';

interface Props {
  readonly patientId: string;
  readonly now: Date;
}

/** NEWS2 of the newest set of observations, or why there is none; its inputs fold out. */
export function EarlyWarning({ patientId, now }: Props) {
  const [open, setOpen] = useState(false);
  const panelId = useId();
  const found = useQuery({
    queryKey: queryKeys.earlyWarning(patientId),
    queryFn: () => unwrap(bridge().results.earlyWarning({ patientId })),
    ...recordOptions,
  });
  if (found.isError) return <FailureAlert code={failureCode(found.error)} />;
  const warning = found.data;
  if (!warning) return <div className={css.warning} aria-busy="true" />;
  // The section itself says that nothing may be seen.
  if (warning.state === 'not-permitted') return null;
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <section className={css.warning} aria-label={t('Early warning score')} data-testid="early-warning">
      <div className={css.head}>
        <Result warning={warning} now={now} />
        <PlainButton
          className={css.fold}
          onClick={() => setOpen(!open)}
          aria-expanded={open}
          aria-controls={panelId}
          data-testid="early-warning-inputs"
        >
          <Chevron size={15} aria-hidden /> {t('Inputs')}
        </PlainButton>
      </div>
      <Doubts warning={warning} />
      <div id={panelId} hidden={!open}>
        {open && <Inputs warning={warning} now={now} />}
      </div>
    </section>
  );
}

interface PartProps {
  readonly warning: Warning;
  readonly now: Date;
}

function Result({ warning, now }: PartProps) {
  const { total, risk } = warning;
  if (total === null || risk === null || isOver(warning, now)) {
    return (
      <p className={css.none} data-testid="early-warning-none">
        <strong>{t('NEWS2 not computed.')}</strong> {whyNot(warning, now)}
      </p>
    );
  }
  const { words, tone } = RISKS[risk];
  const single = threes(warning).map((input) => INPUT_NAMES[input].title.toLowerCase());
  const newest = newestTime(warning);
  return (
    <p className={css.result} data-tone={tone} data-testid="early-warning-score">
      <span className={css.total}>
        <span className="wl-said">{t('Early warning score')} </span>
        {t('NEWS2')} <strong>{total}</strong>
      </span>
      <span className={css.risk} data-tone={tone}>
        {tone !== 'none' && <IconAlertTriangle size={14} aria-hidden />}
        {words}
      </span>
      {single.length > 0 && (
        <span className={css.single}>{t('3 in one parameter: {join}', { join: single.join(', ') })}</span>
      )}
      {newest && <span className={css.time}>{formatWhen(newest, now)}</span>}
    </p>
  );
}

/** What the score may not know of. */
function Doubts({ warning }: { readonly warning: Warning }) {
  const { state, withheld, total, inputs } = warning;
  return (
    <>
      {total !== null && inputs.some(({ unsent }) => unsent !== null) && (
        <p className={css.doubt}>{t('Includes values that are not sent yet: others don’t see them.')}</p>
      )}
      {isWithheld(withheld) && (
        <p className={css.doubt}>{t('Some observations are not shown: the score knows nothing of them.')}</p>
      )}
      {state === 'partial' && (
        <p className={css.doubt}>{t('Not all observations are on this workstation: there may be newer ones.')}</p>
      )}
    </>
  );
}

function Inputs({ warning, now }: PartProps) {
  return (
    <>
      <table className={css.inputs}>
        <thead>
          <tr>
            <th scope="col">{t('Observation')}</th>
            <th scope="col">{t('Value')}</th>
            <th scope="col">{t('Time')}</th>
            <th scope="col" className={css.score}>
              {t('Score')}
            </th>
          </tr>
        </thead>
        <tbody>
          {warning.inputs.map((value) => (
            <InputRow key={value.input} value={value} warning={warning} now={now} />
          ))}
        </tbody>
      </table>
      <p className={css.remark}>
        {t(
          '{scale} Inputs within {setHours} h of each other, the newest no older than {ageHours} h. Not for pregnant patients. Royal College of Physicians 2017.',
          { scale: scaleWords(warning, now), setHours: warning.setHours, ageHours: warning.ageHours },
        )}
      </p>
    </>
  );
}

function InputRow({ value, warning, now }: PartProps & { readonly value: WarningValue }) {
  const { input, value: shown, unit, original, time, score, unsent } = value;
  const problem = isOver(warning, now) ? null : problemWords(value, warning, now);
  return (
    <tr data-input={input} data-problem={value.problem ?? undefined}>
      <th scope="row">{INPUT_NAMES[input].title}</th>
      <td>
        {shown !== null && <Quantity value={shown} unit={unit} />}
        {original && <span className={css.original}> {t('(written {original})', { original })}</span>}{' '}
        <UnsentBadge unsent={unsent} />
        {problem && <span className={css.problem}>{problem}</span>}
      </td>
      <td title={formatDateTime(time)}>{time === null ? '' : formatWhen(time, now)}</td>
      <td className={css.score} data-score={score ?? undefined}>
        {score === null || isOver(warning, now) ? <span className="wl-said">{t('no score')}</span> : score}
      </td>
    </tr>
  );
}
