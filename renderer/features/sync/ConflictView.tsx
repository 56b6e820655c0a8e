import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Choice, Conflict, ConflictField, Resolution } from '../../../preload/contract/sync.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { Button } from '../../parts/Button.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { formatDateTime } from '../../parts/dates.ts';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { formatName } from '../../parts/names.ts';
import { t } from '../../words/t.ts';
import { AccessBanner } from '../access/AccessBanner.tsx';
import { SaveFailure } from '../charting/SaveFailure.tsx';
import { failureOf } from '../charting/useSaving.ts';
import css from './conflict.module.css';
import { FieldChoice } from './FieldChoice.tsx';
import { MergedPreview } from './MergedPreview.tsx';
import { type Choices, choiceOf, firstChoices, sorted, undecided } from './merge.ts';

interface Props {
  readonly changeId: string;
  readonly onDone: () => void;
}

/** A record that was changed here and on the server: a person decides, now or later, online or not. */
export function ConflictView({ changeId, onDone }: Props) {
  const [changed, setChanged] = useState<string | null>(null);
  const conflict = useQuery({
    queryKey: queryKeys.conflict(changeId),
    queryFn: () => unwrap(bridge().sync.conflict({ id: changeId })),
    ...recordOptions,
  });
  if (conflict.isError)
    return (
      <div className={css.view}>
        <div className={css.bare}>
          <BackButton onDone={onDone} />
        </div>
        <ErrorState code={failureCode(conflict.error)} onRetry={() => void conflict.refetch()} />
      </div>
    );
  if (!conflict.data) return <div className={css.view} aria-busy="true" />;
  const { token } = conflict.data;
  // Another version of theirs is another question: what was chosen before doesn't answer it.
  return (
    <OpenConflict
      key={token}
      conflict={conflict.data}
      failedBefore={changed}
      onChanged={() => {
        setChanged(CHANGED);
        void conflict.refetch();
      }}
      onDone={onDone}
    />
  );
}

/** The decision was about a version that isn't the server's any longer. */
const CHANGED = 'conflict-changed';

interface OpenProps {
  readonly conflict: Conflict;
  /** Why the last decision was not taken, where that was about an earlier version. */
  readonly failedBefore: string | null;
  readonly onChanged: () => void;
  readonly onDone: () => void;
}

function OpenConflict({ conflict, failedBefore, onChanged, onDone }: OpenProps) {
  const { change, deletedOnServer, theirsUpdated } = conflict;
  const { named, others } = sorted(change.resourceType, conflict.fields);
  const fields = [...named, ...others];
  const deleted = deletedOnServer || change.action === 'delete';
  const [choices, setChoices] = useState<Choices>(() => firstChoices(conflict));
  const { decide, busy, failure, confirming, setConfirming } = useDecision(conflict, failedBefore, onChanged, onDone);
  const open = undecided(fields, choices).length;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);

  const choose = (path: string) => (choice: Choice) => setChoices((before) => ({ ...before, [path]: choice }));
  const shown = (field: ConflictField) => (
    <FieldChoice
      key={field.path}
      changeId={change.id}
      type={change.resourceType}
      field={field}
      chosen={deleted ? undefined : choiceOf(choices, field.path)}
      onChoose={deleted || field.changedBy === 'same' ? null : choose(field.path)}
      absent={deletedOnServer ? t('deleted') : t('not there')}
    />
  );
  return (
    <section className={css.view} aria-labelledby="conflict-title" data-testid="conflict-view">
      <AccessBanner patientId={change.patientId} />
      <header className={css.head}>
        <BackButton onDone={onDone} />
        <div>
          <h1 id="conflict-title" ref={heading} tabIndex={-1}>
            {change.title}
          </h1>
          <p className="wl-muted">
            <bdi>{formatName(change.patient)}</bdi>{' '}
            {t('· yours written {when}', { when: formatDateTime(change.changedAt) })}
            {' · '}
            {theirsWords(deletedOnServer, theirsUpdated)}
          </p>
        </div>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section className={css.body} tabIndex={0} aria-label={t('Versions of the record')}>
        <p className={css.lead} data-tone={deletedOnServer ? 'warn' : 'none'}>
          {leadWords(conflict)}
        </p>
        {conflict.decideAll && !deleted && <p className={css.lead}>{DECIDE_ALL}</p>}
        {named.map(shown)}
        {others.length > 0 && (
          <>
            <h2 className={css.others}>{t('Other fields')}</h2>
            <p className={css.lead}>
              {t('There is no clinical word for these: they stand under the names that FHIR gives them.')}
            </p>
            {others.map(shown)}
          </>
        )}
        {!deleted && <MergedPreview conflict={conflict} fields={fields} choices={choices} complete={open === 0} />}
      </section>
      <footer className={css.foot}>
        <div className={css.said} role="status">
          {failure ? (
            <SaveFailure failure={failure} />
          ) : deleted ? null : open > 0 ? (
            t('{count} to choose before the merged version can be used.', {
              count: t('{count, plural, one {# part} other {# parts}}', { count: open }),
            })
          ) : (
            t('Every part is chosen.')
          )}
        </div>
        <Button onClick={() => setConfirming(true)} busy={busy} data-testid="take-theirs">
          {deletedOnServer ? t('Leave it deleted') : t('Take theirs')}
        </Button>
        <Button onClick={() => decide({ kind: 'mine' })} busy={busy} data-testid="keep-mine">
          {deletedOnServer ? t('Keep mine: write it again') : t('Keep mine')}
        </Button>
        {!deleted && (
          <Button
            kind="main"
            disabled={open > 0}
            busy={busy}
            onClick={() => decide({ kind: 'merged', choices })}
            data-testid="use-merged"
          >
            {t('Use merged')}
          </Button>
        )}
      </footer>
      {confirming && (
        <ConfirmDialog
          title={deletedOnServer ? t('Leave the record deleted?') : t('Take the server’s version?')}
          deed={deletedOnServer ? t('Give up my change') : t('Take theirs')}
          refusal={t('Keep deciding')}
          busy={busy}
          onConfirm={() => decide({ kind: 'theirs' })}
          onClose={() => setConfirming(false)}
          testId="theirs-dialog"
        >
          <p>{t('What you changed is given up. It was never on the server, and is kept nowhere.')}</p>
        </ConfirmDialog>
      )}
    </section>
  );
}

/** Sends a decision to main; what comes of it is told by the list. */
function useDecision(
  { change: { id }, token }: Conflict,
  failedBefore: string | null,
  onChanged: () => void,
  onDone: () => void,
) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState(failedBefore === null ? null : failureOf({ code: failedBefore }));
  const [confirming, setConfirming] = useState(false);
  const decide = async (resolution: Resolution) => {
    setBusy(true);
    setFailure(null);
    const asked = bridge().sync.resolve({ id, token, resolution });
    const answer = await asked.catch(() => ({ ok: false as const, error: { code: 'internal' } }));
    setBusy(false);
    setConfirming(false);
    if (answer.ok) return onDone();
    setFailure(failureOf(answer.error));
    if (answer.error.code === CHANGED) onChanged();
  };
  return { decide, busy, failure, confirming, setConfirming };
}

const DECIDE_ALL = t('In this record nothing is chosen for you, also where only one side has changed it.');

function leadWords({ deletedOnServer, change }: Conflict): string {
  if (deletedOnServer)
    return t(
      'While your change waited, the record was deleted on the server. Nothing is lost. Either it stays deleted and your change is given up, or yours is written to the server again.',
    );
  if (change.action === 'delete')
    return t(
      'You deleted the record, and it was changed on the server meanwhile. It is still there. Look at what changed before you decide.',
    );
  return t(
    'Somebody changed the record on the server while your change waited. Nothing is overwritten and nothing is lost: choose part by part, or take one version as a whole. What is on the server stays in its history.',
  );
}

function BackButton({ onDone }: { readonly onDone: () => void }) {
  return (
    <Button onClick={onDone} title={t('Back to the unsent changes (Esc)')} data-testid="back-to-changes">
      {t('← Unsent changes')}
    </Button>
  );
}

function theirsWords(deletedOnServer: boolean, updated: string | null): string {
  const when = updated === null ? t('at a time that is not known') : formatDateTime(updated);
  return deletedOnServer ? t('deleted on the server {when}', { when }) : t('the server’s {when}', { when });
}
