import { IconPaperclip } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import type { DocumentItem } from '../../../preload/contract/documents.ts';
import type { Response } from '../../../preload/contract/index.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { Button } from '../../parts/Button.tsx';
import { DataAge } from '../../parts/DataAge.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { cappedWords, countWords, noneWords } from '../../parts/sectionWords.ts';
import { WithheldNotice } from '../../parts/WithheldNotice.tsx';
import { AttachFile, usePick } from './AttachFile.tsx';
import { DocumentList } from './DocumentList.tsx';
import './documentErrors.ts';
import css from './documents.module.css';
import { ATTACH_WORDS } from './documentWords.ts';
import { OpenDocument } from './OpenDocument.tsx';
import { TransferList } from './TransferList.tsx';
import { useTransfers } from './useTransfers.ts';

type Listing = Response<typeof import('../../../preload/contract/documents.ts')['documents']['calls']['list']>;

interface Props {
  readonly patientId: string;
  /** As the chart names the patient. */
  readonly patientName: string;
  readonly now: Date;
}

/** The files of a patient: what there is, what can be opened and why not, and what is still on its way. */
export default function DocumentsView({ patientId, patientName, now }: Props) {
  const list = useQuery({
    queryKey: queryKeys.documents(patientId),
    queryFn: () => unwrap(bridge().documents.list({ patientId })),
    ...recordOptions,
  });
  const queries = useQueryClient();
  const transfers = useTransfers();
  const { pick, ask, forget } = usePick(patientId);
  const [opened, setOpened] = useState<DocumentItem | null>(null);

  const listed = useCallback(
    () => void queries.invalidateQueries({ queryKey: queryKeys.documents(patientId) }),
    [queries, patientId],
  );
  useEffect(() => bridge().documents.onStandingChanged(listed), [listed]);

  if (list.isError) return <ErrorState code={failureCode(list.error)} onRetry={() => void list.refetch()} />;
  if (!list.data) return <div className={css.view} aria-busy="true" />;
  const own = transfers?.filter((one) => one.patientId === patientId) ?? [];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={css.view} aria-label="Documents" tabIndex={0} data-testid="documents">
      <Head listing={list.data} now={now} onAttach={ask} />
      <WithheldNotice withheld={list.data.withheld} about="Documents" />
      {own.length > 0 && <TransferList own={own} all={transfers ?? []} />}
      {list.data.items.length === 0 ? (
        <Nothing listing={list.data} />
      ) : (
        <DocumentList items={list.data.items} onOpen={setOpened} />
      )}
      <AttachFile
        patientId={patientId}
        patientName={patientName}
        pick={pick}
        transfers={own}
        onAttached={listed}
        onClose={forget}
      />
      {opened && (
        <OpenDocument
          patientId={patientId}
          patientName={patientName}
          document={opened}
          maySave={list.data.maySave}
          mayOpenWith={list.data.mayOpenWith}
          onClose={() => setOpened(null)}
        />
      )}
    </section>
  );
}

interface HeadProps {
  readonly listing: Listing;
  readonly now: Date;
  readonly onAttach: () => void;
}

function Head({ listing, now, onAttach }: HeadProps) {
  const { items, total, state, asOf, deletionsUnknown, attachProblem } = listing;
  return (
    <div className={css.head}>
      <span className="wl-muted">{cappedWords(items.length, total) ?? countWords(total, 'document')}</span>
      <DataAge state={state} asOf={asOf} deletionsUnknown={deletionsUnknown} now={now} />
      {attachProblem && (
        <span className={css.problem} id="attach-problem" data-testid="attach-problem">
          {ATTACH_WORDS[attachProblem]}
        </span>
      )}
      <Button
        size="tiny"
        icon={<IconPaperclip size={14} aria-hidden />}
        disabled={attachProblem !== null}
        aria-describedby={attachProblem ? 'attach-problem' : undefined}
        onClick={onAttach}
        data-testid="attach-file"
      >
        Attach a file
      </Button>
    </div>
  );
}

function Nothing({ listing }: { readonly listing: Listing }) {
  return (
    <EmptyState title={noneWords(listing)}>
      {listing.state === 'complete' && listing.attachProblem === null && (
        <p>Photos, scans and reports that are attached here are encrypted before they leave this workstation.</p>
      )}
    </EmptyState>
  );
}
