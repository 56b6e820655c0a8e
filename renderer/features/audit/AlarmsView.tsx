import { useInfiniteQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import type { AlarmLine } from '../../../preload/contract/audit.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { useShortcuts } from '../../app/keyboard.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { Button } from '../../parts/Button.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { moveIndex } from '../../parts/moveIndex.ts';
import { useNow } from '../../parts/useNow.ts';
import { t } from '../../words/t.ts';
import { AlarmItem } from './AlarmItem.tsx';
import css from './audit.module.css';
import { IntegrityPanel } from './IntegrityPanel.tsx';

interface Props {
  readonly onBack: () => void;
  /** Opens who has seen a patient's chart. */
  readonly onAccesses: (patientId: string) => void;
}

/** What the rules have found in the record of access, and whether that record can be relied on. */
export default function AlarmsView({ onBack, onAccesses }: Props) {
  const now = useNow();
  const heading = useRef<HTMLHeadingElement>(null);
  // The focus comes to the view with the person.
  useEffect(() => heading.current?.focus(), []);
  useShortcuts({ Escape: onBack, 'alt+arrowleft': onBack });
  return (
    <section className={css.view} aria-labelledby="alarms-title" data-testid="alarms-view">
      <header className={css.head}>
        <Button onClick={onBack} title={t('Back to the list (Esc)')} data-testid="back-to-list">
          {t('← Patients')}
        </Button>
        <h1 id="alarms-title" ref={heading} tabIndex={-1}>
          {t('Alarms')}
        </h1>
      </header>
      <IntegrityPanel now={now} />
      <Alarms now={now} onAccesses={onAccesses} />
    </section>
  );
}

function Alarms({ now, onAccesses }: { readonly now: Date; readonly onAccesses: (patientId: string) => void }) {
  const alarms = useInfiniteQuery({
    queryKey: queryKeys.alarmList,
    queryFn: ({ pageParam }) => unwrap(bridge().audit.alarms({ before: pageParam })),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
    ...recordOptions,
  });
  if (alarms.isError) return <ErrorState code={failureCode(alarms.error)} onRetry={() => void alarms.refetch()} />;
  if (!alarms.data) return <div aria-busy="true" data-testid="alarms-loading" />;
  const items = alarms.data.pages.flatMap((page) => page.items);
  if (items.length === 0)
    return (
      <EmptyState title={t('No alarms')}>
        <p>{t('None of the rules that your organisation has switched on has found anything on this workstation.')}</p>
      </EmptyState>
    );
  const [open, marked] = [items.filter(({ mark }) => mark === null), items.filter(({ mark }) => mark !== null)];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrows move between the buttons within
    <div className={css.groups} onKeyDown={moveAmongHeads}>
      <Group
        name="open"
        title={t('Open alarms')}
        items={open}
        none={t('None: all were looked at.')}
        now={now}
        onAccesses={onAccesses}
      />
      <Group
        name="marked"
        title={t('Marked as false')}
        items={marked}
        none={t('None.')}
        now={now}
        onAccesses={onAccesses}
      />
      {alarms.hasNextPage && (
        <p>
          <Button
            onClick={() => void alarms.fetchNextPage()}
            busy={alarms.isFetchingNextPage}
            data-testid="alarms-more"
          >
            {t('Older alarms')}
          </Button>
        </p>
      )}
    </div>
  );
}

/** The arrows go from alarm to alarm; Enter is the button's own. */
function moveAmongHeads(event: KeyboardEvent<HTMLDivElement>): void {
  const heads = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-alarm-head]')];
  const at = heads.indexOf(event.target as HTMLElement);
  const next = at < 0 ? null : moveIndex(event.key, at, heads.length, 5);
  if (next === null) return;
  event.preventDefault();
  heads[next]?.focus();
}

interface GroupProps {
  readonly name: string;
  readonly title: string;
  readonly items: readonly AlarmLine[];
  readonly none: string;
  readonly now: Date;
  readonly onAccesses: (patientId: string) => void;
}

function Group({ name, title, items, none, now, onAccesses }: GroupProps) {
  return (
    <section aria-labelledby={`alarms-${name}`} data-testid={`alarms-${name}-list`}>
      <h2 id={`alarms-${name}`} className={css.groupTitle}>
        {title} <span className={css.groupCount}>{items.length}</span>
      </h2>
      {items.length === 0 ? (
        <p className="wl-muted">{none}</p>
      ) : (
        <ul className={css.items}>
          {items.map((alarm) => (
            <AlarmItem key={alarm.id} alarm={alarm} now={now} onAccesses={onAccesses} />
          ))}
        </ul>
      )}
    </section>
  );
}
