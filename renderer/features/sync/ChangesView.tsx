import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { DraftKey } from '../../../preload/contract/drafts.ts';
import type { SyncStatus } from '../../../preload/contract/sync.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { Button } from '../../parts/Button.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { cappedWords } from '../../parts/sectionWords.ts';
import { useNow } from '../../parts/useNow.ts';
import { t } from '../../words/t.ts';
import { AcceptServer } from './AcceptServer.tsx';
import { type ChangeActions, ChangeItem } from './ChangeItem.tsx';
import css from './changes.module.css';
import { byState, STATE_WORDS } from './changeWords.ts';
import { DraftList } from './DraftList.tsx';
import { DuplicateList } from './DuplicateList.tsx';
import { SyncSummary } from './SyncSummary.tsx';

interface Props extends ChangeActions {
  readonly status: SyncStatus;
  /** The server's address. */
  readonly server: string;
  readonly onBack: () => void;
  readonly onDraft: (draft: DraftKey) => void;
}

/** The state of the sync, and every unsent change by what it waits for. */
export function ChangesView({ status, server, onBack, onDraft, ...actions }: Props) {
  const now = useNow();
  const heading = useRef<HTMLHeadingElement>(null);
  // The focus comes to the view with the person.
  useEffect(() => heading.current?.focus(), []);
  return (
    <section className={css.view} aria-labelledby="sync-title" data-testid="sync-view">
      <header className={css.head}>
        <Button onClick={onBack} title={t('Back to the list (Esc)')} data-testid="back-to-list">
          {t('← Patients')}
        </Button>
        <h1 id="sync-title" ref={heading} tabIndex={-1}>
          {t('Sync')}
        </h1>
      </header>
      <SyncSummary status={status} now={now} />
      {status.error?.code === 'server-reset' && <AcceptServer server={server} />}
      <DraftList now={now} onDraft={onDraft} />
      <DuplicateList now={now} onChart={actions.onChart} />
      <Changes status={status} now={now} {...actions} />
    </section>
  );
}

function Changes({ status, now, ...actions }: ChangeActions & { readonly status: SyncStatus; readonly now: Date }) {
  const changes = useQuery({
    queryKey: queryKeys.changes,
    queryFn: () => unwrap(bridge().sync.changes({})),
    ...recordOptions,
  });
  if (changes.isError) return <ErrorState code={failureCode(changes.error)} onRetry={() => void changes.refetch()} />;
  if (!changes.data) return <div aria-busy="true" />;
  const { items, total } = changes.data;
  const capped = cappedWords(items.length, total);
  if (items.length === 0) return <NothingUnsent status={status} />;
  return (
    <div className={css.groups}>
      {capped && <p className="wl-muted">{t('{capped}, the oldest first', { capped })}</p>}
      {byState(items).map(({ state, items: group }) => (
        <section key={state} aria-labelledby={`changes-${state}`} data-testid={`changes-${state}`}>
          <h2 id={`changes-${state}`} className={css.groupTitle}>
            {STATE_WORDS[state].title} <span className={css.groupCount}>{group.length}</span>
          </h2>
          <p className={css.groupMeans}>{STATE_WORDS[state].means}</p>
          <ul className={css.items}>
            {group.map((change) => (
              <ChangeItem key={change.id} change={change} now={now} {...actions} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

/** Nothing waits; that all is well is said only where it is confirmed. */
function NothingUnsent({ status }: { readonly status: SyncStatus }) {
  return (
    <EmptyState title={t('No unsent changes')}>
      <p>
        {status.upToDate
          ? t(
              'Everything that was written on this workstation is on the server, and everything of your patients is here.',
            )
          : t('Nothing that was written on this workstation waits to be sent.')}
      </p>
    </EmptyState>
  );
}
