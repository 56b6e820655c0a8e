import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { TimelineEntry } from '../../../preload/contract/timeline.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { asOfPast, usePast } from '../../app/past.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { Button, PlainButton } from '../../parts/Button.tsx';
import { shortName } from '../../parts/codeNames.ts';
import { formatDateTime } from '../../parts/dates.ts';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { FlagBadge } from '../../parts/FlagBadge.tsx';
import { Quantity } from '../../parts/Quantity.tsx';
import { t } from '../../words/t.ts';
import { RecordPanel } from './RecordPanel.tsx';
import css from './timeline.module.css';
import { KIND_WORDS } from './timelineWords.ts';

interface Props {
  readonly patientId: string;
  readonly entry: TimelineEntry;
  readonly onClose: () => void;
}

/** What is behind an entry: its record, or the records that it holds together and the one that is chosen of them. */
export function EntryPanel({ patientId, entry, onClose }: Props) {
  const [member, setMember] = useState<TimelineEntry | null>(null);
  const shown = member ?? (entry.count === 1 ? entry : null);
  return (
    <section
      className={css.panel}
      aria-label={`${KIND_WORDS[entry.kind][0]}: ${entry.title}`}
      data-testid="entry-panel"
    >
      <div className={css.panelHead}>
        {member && (
          <Button size="tiny" onClick={() => setMember(null)} data-testid="entry-back">
            ← {entry.title}
          </Button>
        )}
        <span className={css.spring} />
        <Button size="tiny" onClick={onClose} data-testid="entry-close">
          {t('Close')}
        </Button>
      </div>
      {shown ? (
        <RecordPanel key={`${shown.type} ${shown.id}`} patientId={patientId} type={shown.type} id={shown.id} />
      ) : (
        <Members patientId={patientId} entry={entry} onMember={setMember} />
      )}
    </section>
  );
}

interface MembersProps extends Pick<Props, 'patientId' | 'entry'> {
  readonly onMember: (entry: TimelineEntry) => void;
}

function Members({ patientId, entry, onMember }: MembersProps) {
  const past = usePast();
  const group = useQuery({
    queryKey: queryKeys.timelineGroup(patientId, past, entry.key),
    queryFn: () => unwrap(bridge().timeline.group({ patientId, key: entry.key, ...asOfPast(past) })),
    ...recordOptions,
  });
  if (group.isError) return <ErrorState code={failureCode(group.error)} onRetry={() => void group.refetch()} />;
  if (!group.data) return <div aria-busy="true" />;
  const { items, omitted } = group.data;
  return (
    <>
      <h2>{entry.title}</h2>
      <p className={css.sub}>{formatDateTime(entry.time)}</p>
      <table className={css.members} data-testid="entry-members">
        <thead>
          <tr>
            <th scope="col">{t('What')}</th>
            <th scope="col">{t('Value')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.key}>
              <th scope="row">
                <PlainButton className={css.link} onClick={() => onMember(item)}>
                  {item.values[0] ? shortName(item.values[0]) : item.title}
                </PlainButton>
              </th>
              <td>
                {item.values.map((one) => (
                  <span key={one.code}>
                    <Quantity value={one.masked ? t('Encrypted') : one.value} unit={one.unit} />{' '}
                    <FlagBadge flag={one.flag} />
                  </span>
                ))}
                {item.values.length === 0 && <span className={css.sub}>{item.status}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {omitted > 0 && (
        <p className={css.sub}>
          {t('{count, plural, one {# more record} other {# more records}}', { count: omitted })}
        </p>
      )}
    </>
  );
}
