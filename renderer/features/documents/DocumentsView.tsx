import { IconCamera, IconPaperclip, IconScan } from '@tabler/icons-react';
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
import { cappedWords, noneWords } from '../../parts/sectionWords.ts';
import { WithheldNotice } from '../../parts/WithheldNotice.tsx';
import { AttachFile } from './AttachFile.tsx';
import { DocumentList } from './DocumentList.tsx';
import './documentErrors.ts';
import { t } from '../../words/t.ts';
import css from './documents.module.css';
import { ATTACH_WORDS, NO_PHOTOS } from './documentWords.ts';
import { OpenDocument } from './OpenDocument.tsx';
import { ScanPage } from './ScanPage.tsx';
import { TakePhoto } from './TakePhoto.tsx';
import { TransferList } from './TransferList.tsx';
import { useTaking } from './taking.ts';
import { useTransfers } from './useTransfers.ts';

type Listing = Response<typeof import('../../../preload/contract/documents.ts')['documents']['calls']['list']>;

interface Props {
  readonly patientId: string;
  /** As the chart names the patient. */
  readonly patientName: string;
  /** By what else the patient is told from others, where a dialog covers the chart. */
  readonly identity: string;
  readonly now: Date;
}

/** The files of a patient: what there is, what can be opened and why not, and what is still on its way. */
export default function DocumentsView({ patientId, patientName, identity, now }: Props) {
  const list = useQuery({
    queryKey: queryKeys.documents(patientId),
    queryFn: () => unwrap(bridge().documents.list({ patientId })),
    ...recordOptions,
  });
  const queries = useQueryClient();
  const transfers = useTransfers();
  const taker = useTaking(patientId);
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
    <section className={css.view} aria-label={t('Documents')} tabIndex={0} data-testid="documents">
      <Head listing={list.data} now={now} onAttach={taker.pick} onPhotograph={taker.photograph} onScan={taker.scan} />
      <WithheldNotice withheld={list.data.withheld} about={t('Documents')} />
      {own.length > 0 && <TransferList own={own} all={transfers ?? []} />}
      {list.data.items.length === 0 ? (
        <Nothing listing={list.data} />
      ) : (
        <DocumentList items={list.data.items} onOpen={setOpened} />
      )}
      <AttachFile
        patientId={patientId}
        patientName={patientName}
        taking={taker.taking}
        transfers={own}
        onAttached={() => {
          listed();
          taker.done();
        }}
        onAnother={() => {
          listed();
          if (taker.taking.kind === 'picked' && taker.taking.from === 'scanner') taker.scan();
          else taker.photograph();
        }}
        onClose={taker.forget}
      />
      {taker.taking.kind === 'scanning' && (
        <ScanPage
          patientId={patientId}
          patientName={patientName}
          identity={identity}
          onScanned={taker.scanned}
          onClose={taker.forget}
        />
      )}
      {taker.taking.kind === 'aiming' && (
        <TakePhoto
          patientName={patientName}
          identity={identity}
          captureId={taker.taking.captureId}
          onTaken={taker.taken}
          onClose={taker.forget}
        />
      )}
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
  readonly onPhotograph: () => void;
  readonly onScan: () => void;
}

function Head({ listing, now, onAttach, onPhotograph, onScan }: HeadProps) {
  const { items, total, state, asOf, deletionsUnknown, attachProblem, mayPhotograph } = listing;
  const problem = attachProblem ? ATTACH_WORDS[attachProblem] : mayPhotograph ? null : NO_PHOTOS;
  const described = problem === null ? undefined : 'attach-problem';
  return (
    <div className={css.head}>
      <span className="wl-muted">
        {cappedWords(items.length, total) ??
          t('{count, plural, one {# document} other {# documents}}', { count: total })}
      </span>
      <DataAge state={state} asOf={asOf} deletionsUnknown={deletionsUnknown} now={now} />
      {problem !== null && (
        <span className={css.problem} id="attach-problem" data-testid="attach-problem">
          {problem}
        </span>
      )}
      <div className={css.deeds}>
        <Button
          size="tiny"
          icon={<IconCamera size={14} aria-hidden />}
          disabled={problem !== null}
          aria-describedby={described}
          onClick={onPhotograph}
          data-testid="take-photo"
        >
          {t('Take a photo')}
        </Button>
        {listing.mayScan && (
          <Button
            size="tiny"
            icon={<IconScan size={14} aria-hidden />}
            disabled={attachProblem !== null}
            aria-describedby={attachProblem ? described : undefined}
            onClick={onScan}
            data-testid="scan-page"
          >
            {t('Scan a page')}
          </Button>
        )}
        <Button
          size="tiny"
          icon={<IconPaperclip size={14} aria-hidden />}
          disabled={attachProblem !== null}
          aria-describedby={attachProblem ? described : undefined}
          onClick={onAttach}
          data-testid="attach-file"
        >
          {t('Attach a file')}
        </Button>
      </div>
    </div>
  );
}

function Nothing({ listing }: { readonly listing: Listing }) {
  return (
    <EmptyState title={noneWords(listing)}>
      {listing.state === 'complete' && listing.attachProblem === null && (
        <p>{t('Photos, scans and reports that are attached here are encrypted before they leave this workstation.')}</p>
      )}
    </EmptyState>
  );
}
