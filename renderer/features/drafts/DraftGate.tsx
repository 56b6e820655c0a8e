import { IconLockOpen } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { DraftItem, DraftKey, DraftType } from '../../../preload/contract/drafts.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { flushed } from '../../app/flushing.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { formatWhen } from '../../parts/dates.ts';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { TextPanel } from '../../parts/TextPanel.tsx';
import { t } from '../../words/t.ts';
import css from './drafts.module.css';

export type DraftOf<Type extends DraftType> = Extract<DraftItem, { resourceType: Type }>;

interface Props<Type extends DraftType> extends DraftKey {
  readonly resourceType: Type;
  /** Why a draft can't be gone on with; null where it can. */
  readonly obstacle?: (draft: DraftOf<Type>) => string | null;
  /** What a draft says, where its fields have names of their own. */
  readonly describe?: (draft: DraftOf<Type>) => string;
  /** In place of the usual title of the offer. */
  readonly heading?: string;
  /** The editor, with the draft that somebody goes on with. */
  readonly children: (draft: DraftOf<Type> | null) => ReactNode;
}

type Found<Item> =
  | { readonly kind: 'looking' }
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'asked'; readonly draft: Item }
  | { readonly kind: 'decided'; readonly draft: Item | null };

/**
 * Before somebody writes: is there a draft of this text? It is gone on with or given up before anything is typed, as
 * what is typed takes the place of the draft.
 */
export function DraftGate<Type extends DraftType>(props: Props<Type>) {
  const { patientId, resourceType, obstacle, describe, heading, children } = props;
  // A record that was written here gets the server's id once it was sent; whoever is writing is not asked again.
  const [resourceId] = useState(props.resourceId);
  const [found, setFound] = useState<Found<DraftOf<Type>>>({ kind: 'looking' });
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt looks anew
  useEffect(() => {
    let live = true;
    const tell = (next: Found<DraftOf<Type>>) => live && setFound(next);
    const look = async () => {
      // An editor that was left a moment ago may be handing over its text still.
      await flushed();
      const answer = await bridge().drafts.ofPatient({ patientId, resourceType });
      if (!answer.ok) return tell({ kind: 'failed', code: answer.error.code });
      const isThis = (item: DraftItem): item is DraftOf<Type> =>
        item.resourceType === resourceType && item.resourceId === resourceId;
      const draft = answer.value.items.find(isThis);
      tell(draft ? { kind: 'asked', draft } : { kind: 'decided', draft: null });
    };
    look().catch(() => tell({ kind: 'failed', code: 'internal' }));
    return () => {
      live = false;
    };
  }, [patientId, resourceType, resourceId, attempt]);

  if (found.kind === 'looking') return <div aria-busy="true" />;
  if (found.kind === 'failed') {
    return <ErrorState code={found.code} onRetry={() => setAttempt(attempt + 1)} />;
  }
  if (found.kind === 'decided') return children(found.draft);
  const { draft } = found;
  return (
    <DraftOffer
      draft={draft}
      obstacle={obstacle?.(draft) ?? null}
      title={heading ?? titleOf(draft)}
      said={describe?.(draft) ?? textOf(draft)}
      onContinue={(body) => setFound({ kind: 'decided', draft: body === null ? draft : { ...draft, body } })}
      onDiscarded={() => setFound({ kind: 'decided', draft: null })}
    />
  );
}

interface OfferProps {
  readonly draft: DraftItem;
  readonly obstacle: string | null;
  readonly title: string;
  /** What was typed. */
  readonly said: string;
  /** With the text that was opened, where it was encrypted. */
  readonly onContinue: (body: string | null) => void;
  readonly onDiscarded: () => void;
}

function DraftOffer({ draft, obstacle, title, said, onContinue, onDiscarded }: OfferProps) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [opened, setOpened] = useState<string | null>(null);
  const { patientId, resourceType, resourceId, changedAt } = draft;
  const isClosed = draft.sealed && opened === null;

  const open = async () => {
    setBusy(true);
    const answer = await bridge()
      .drafts.open({ patientId, resourceType, resourceId })
      .catch(() => ({ ok: false as const, error: { code: 'internal' } }));
    setBusy(false);
    setFailure(answer.ok ? null : answer.error.code);
    if (answer.ok) setOpened(answer.value.body);
  };

  const discard = async () => {
    setBusy(true);
    const code = await codeOf(bridge().drafts.drop({ patientId, resourceType, resourceId }));
    setBusy(false);
    setAsking(false);
    setFailure(code);
    if (code === null) onDiscarded();
  };
  return (
    <section className={css.offer} aria-labelledby="draft-title" data-testid="draft-offer">
      <h2 id="draft-title">{title}</h2>
      <p className={css.line}>
        <strong>{t('Draft from {when}, not saved.', { when: formatWhen(changedAt, new Date()) })}</strong>{' '}
        {t('It is on this workstation only, and nobody else sees it.')}
      </p>
      <TextPanel label={t('Text of the draft')} testId="draft-body">
        {isClosed ? (
          <>
            <span className="wl-muted">{t('The text of this draft is encrypted, as the note will be.')} </span>
            <Button icon={<IconLockOpen size={14} aria-hidden />} busy={busy} onClick={open} data-testid="draft-open">
              {t('Show, and record that it was shown')}
            </Button>
          </>
        ) : (
          (opened ?? said)
        )}
      </TextPanel>
      {obstacle !== null && <p className={css.obstacle}>{obstacle}</p>}
      {failure && <FailureAlert code={failure} />}
      <footer className={css.foot}>
        <span />
        <Button onClick={() => setAsking(true)} data-testid="draft-discard">
          {t('Discard the draft')}
        </Button>
        {obstacle === null && !isClosed && (
          <Button kind="main" autoFocus onClick={() => onContinue(opened)} data-testid="draft-continue">
            {t('Go on writing')}
          </Button>
        )}
      </footer>
      {asking && (
        <ConfirmDialog
          title={t('Discard the draft?')}
          deed={t('Discard the draft')}
          refusal={t('Keep it')}
          busy={busy}
          onConfirm={discard}
          onClose={() => setAsking(false)}
          testId="draft-discard-dialog"
        >
          <p>{t('It was never saved. What you typed is kept nowhere else.')}</p>
        </ConfirmDialog>
      )}
    </section>
  );
}

function titleOf({ resourceType, resourceId, title }: DraftItem): string {
  if (resourceId === null) return title;
  return resourceType === 'Observation' ? t('Correct: {title}', { title }) : t('Amend: {title}', { title });
}

/** What was typed, as it was typed. */
function textOf({ resourceType, body }: DraftItem): string {
  if (resourceType === 'DocumentReference') return body;
  if (resourceType === 'QuestionnaireResponse') return body.said;
  if (resourceType !== 'Observation') return Object.values(body).join('\n');
  const { value, diastolic, unit } = body;
  return `${diastolic === null ? value : `${value} / ${diastolic}`} ${unit}`;
}
