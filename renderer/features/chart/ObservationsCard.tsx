import { ActionIcon } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import type { ChartSummary, ObservationItem } from '../../../preload/contract/chart.ts';
import { PlainButton } from '../../parts/Button.tsx';
import { rangeWithoutUnit, shortName } from '../../parts/codeNames.ts';
import { formatDateTime, formatWhenBrief } from '../../parts/dates.ts';
import { FlagBadge } from '../../parts/FlagBadge.tsx';
import { ltr } from '../../parts/ltr.ts';
import { Quantity } from '../../parts/Quantity.tsx';
import { SectionCard } from '../../parts/SectionCard.tsx';
import { unfoldWords } from '../../parts/sectionWords.ts';
import { UnsentBadge } from '../../parts/UnsentBadge.tsx';
import { t } from '../../words/t.ts';
import { ItemActions } from '../charting/ItemActions.tsx';
import { vitalItem } from '../charting/itemDeeds.ts';
import { SealedParts } from '../documents/SealedParts.tsx';
import { isCorrectable } from '../vitals/vitals.ts';
import css from './chart.module.css';
import { latestOfEach } from './latest.ts';

const SHORT = 12;

interface Props {
  readonly patientId: string;
  readonly title: string;
  readonly testId: string;
  readonly section: ChartSummary['vitals'];
  readonly now: Date;
  readonly onResult: (code: string) => void;
  readonly action?: ReactNode;
  readonly drafts?: ReactNode;
  readonly lead?: ReactNode;
  /** Corrects a value, where this is the place for it. */
  readonly onCorrect?: (item: ObservationItem) => void;
}

/** The newest value of each measurement; its name leads to the trend. */
export function ObservationsCard(props: Props) {
  const { patientId, title, testId, section, now, onResult, action, drafts, lead, onCorrect } = props;
  const [all, setAll] = useState(false);
  const latest = latestOfEach(section.items);
  const shown = all ? latest : latest.slice(0, SHORT);
  return (
    <SectionCard title={title} testId={testId} now={now} section={section} action={action} drafts={drafts} lead={lead}>
      {latest.length === 0 && <p className={css.lead}>{t('Only values that were entered in error or cancelled')}</p>}
      <table className={onCorrect ? `${css.values} ${css.correctable}` : css.values}>
        <thead className={css.hiddenHead}>
          <tr>
            <th scope="col">{t('Name')}</th>
            <th scope="col">{t('Value and reference range')}</th>
            <th scope="col">{t('Flag')}</th>
            <th scope="col">{t('Time')}</th>
            {onCorrect && <th scope="col">{t('Correct')}</th>}
          </tr>
        </thead>
        <tbody>
          {shown.map((item) => (
            <ValueRow
              key={item.id}
              patientId={patientId}
              item={item}
              now={now}
              onResult={onResult}
              onCorrect={onCorrect}
            />
          ))}
        </tbody>
      </table>
      {latest.length > SHORT && (
        <PlainButton className={css.more} onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? t('Show fewer') : unfoldWords(latest.length, latest.length + section.total - section.items.length)}
        </PlainButton>
      )}
    </SectionCard>
  );
}

interface RowProps extends Pick<Props, 'patientId' | 'now' | 'onResult'> {
  readonly item: ObservationItem;
  readonly onCorrect: Props['onCorrect'] | undefined;
}

function ValueRow({ patientId, item, now, onResult, onCorrect }: RowProps) {
  const { code, name, value, unit, flag, range, effective, status, unsent } = item;
  return (
    <tr data-testid="value-row" data-id={item.id}>
      <th scope="row">
        <PlainButton className={css.valueName} onClick={() => onResult(code)} title={t('{name}: trend', { name })}>
          {shortName(item)}
        </PlainButton>
        {(status === 'preliminary' || status === 'corrected') && <span className={css.tag}>{status}</span>}
        {onCorrect ? <ItemActions item={vitalItem(item)} /> : <UnsentBadge unsent={unsent} />}
      </th>
      <td>
        {item.encrypted.length > 0 ? (
          <SealedParts patientId={patientId} type="Observation" id={item.id} paths={item.encrypted} masked={value} />
        ) : (
          <Quantity value={value} unit={unit} />
        )}
        {range && (
          <span className={css.sub} title={t('Reference range {range}', { range: ltr(range) })}>
            {ltr(rangeWithoutUnit(range, unit))}
          </span>
        )}
      </td>
      <td>
        <FlagBadge flag={flag} />
      </td>
      <td className={css.sub} title={formatDateTime(effective)}>
        {effective === null ? t('No date') : formatWhenBrief(effective, now)}
      </td>
      {onCorrect && (
        <td>
          {isCorrectable(item) && (
            <ActionIcon
              size={24}
              onClick={() => onCorrect(item)}
              aria-label={t('Correct {shortName}', { shortName: shortName(item) })}
              title={t('Correct {shortName}', { shortName: shortName(item) })}
              data-testid="correct-vital"
            >
              <IconPencil size={15} aria-hidden />
            </ActionIcon>
          )}
        </td>
      )}
    </tr>
  );
}
