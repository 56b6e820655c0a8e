import { Progress } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useState } from 'react';
import type { Result } from '../../../preload/contract/channel.ts';
import type { Transfer } from '../../../preload/contract/documents.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { t } from '../../words/t.ts';
import { useSyncStatus } from '../sync/useSync.ts';
import css from './documents.module.css';
import { percentOf, transferWords } from './documentWords.ts';
import { transferErrorWords } from './transferErrors.ts';

interface Props {
  /** Of this patient, in the order of the queue. */
  readonly own: readonly Transfer[];
  readonly all: readonly Transfer[];
}

/** The patient's files that are on their way. Those of others are told as a number: their titles belong to their charts. */
export function TransferList({ own, all }: Props) {
  const online = useSyncStatus()?.online ?? true;
  const [failure, setFailure] = useState<string | null>(null);
  const run = async (call: Promise<Result<unknown>>) => setFailure(await codeOf(call));
  const others = all.length - own.length;
  return (
    <section className={css.transfers} aria-label={t('On the way to the server')} data-testid="transfers">
      <h2>
        {t('On the way to the server')}
        {others > 0 && (
          <span className={css.sub}>
            {t('· {count} of other patients as well', {
              count: t('{count, plural, one {# file} other {# files}}', { count: others }),
            })}
          </span>
        )}
      </h2>
      {failure && <FailureAlert code={failure} />}
      <ul>
        {own.map((transfer, index) => (
          <TransferRow
            key={transfer.id}
            transfer={transfer}
            online={online}
            earlier={placeOf(own[index - 1])}
            later={placeOf(own[index + 1])}
            run={(call) => void run(call)}
          />
        ))}
      </ul>
    </section>
  );
}

/** The place that a transfer would give up to another one; null where its turn has come already. */
function placeOf(transfer: Transfer | undefined): number | null {
  return transfer?.state === 'waiting' || transfer?.state === 'paused' ? transfer.place : null;
}

interface RowProps {
  readonly transfer: Transfer;
  readonly online: boolean;
  readonly earlier: number | null;
  readonly later: number | null;
  readonly run: (call: Promise<Result<unknown>>) => void;
}

function TransferRow({ transfer, online, earlier, later, run }: RowProps) {
  const { id, title, state, code } = transfer;
  const percent = percentOf(transfer);
  const words = transferWords(transfer, online);
  return (
    <li className={css.transfer} data-testid="transfer" data-state={state}>
      <div className={css.what}>
        <span className={css.title}>{title}</span>
        <Progress.Root size={6} radius="sm">
          <Progress.Section value={percent} aria-label={t('Progress: {title}', { title })} aria-valuetext={words} />
        </Progress.Root>
        <span className={`${css.sub} wl-numbers`}>{words}</span>
        {code && <Reason code={code} failed={state === 'failed'} />}
      </div>
      {placeOf(transfer) !== null && (
        <>
          <Mover
            place={earlier}
            name={t('Send earlier: {title}', { title })}
            onMove={(place) => run(bridge().documents.move({ id, place }))}
            up
          />
          <Mover
            place={later}
            name={t('Send later: {title}', { title })}
            onMove={(place) => run(bridge().documents.move({ id, place }))}
          />
        </>
      )}
      {(state === 'waiting' || state === 'uploading') && (
        <Button size="tiny" onClick={() => run(bridge().documents.pause({ id }))} data-testid="transfer-pause">
          {t('Pause')}
        </Button>
      )}
      {(state === 'paused' || state === 'failed') && (
        <Button size="tiny" onClick={() => run(bridge().documents.resume({ id }))} data-testid="transfer-resume">
          {state === 'paused' ? t('Resume') : t('Try again')}
        </Button>
      )}
      {state !== 'recording' && <GiveUp title={title} onGiveUp={() => run(bridge().documents.cancel({ id }))} />}
    </li>
  );
}

/** Why a file is not on its way. What can't be helped here says nothing of what to do. */
function Reason({ code, failed }: { readonly code: string; readonly failed: boolean }) {
  const { title, act } = transferErrorWords(code);
  return (
    <span className={css.why} data-bad={failed || undefined}>
      {title}. {failed && act} <span className="wl-code">{code}</span>
    </span>
  );
}

interface MoverProps {
  readonly place: number | null;
  readonly name: string;
  readonly up?: boolean;
  readonly onMove: (place: number) => void;
}

function Mover({ place, name, up = false, onMove }: MoverProps) {
  const Icon = up ? IconArrowUp : IconArrowDown;
  return (
    <Button
      size="tiny"
      title={up ? t('Send earlier') : t('Send later')}
      aria-label={name}
      disabled={place === null}
      onClick={() => place !== null && onMove(place)}
      data-testid={up ? 'transfer-earlier' : 'transfer-later'}
    >
      <Icon size={14} aria-hidden />
    </Button>
  );
}

function GiveUp({ title, onGiveUp }: { readonly title: string; readonly onGiveUp: () => void }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        size="tiny"
        onClick={() => setAsking(true)}
        aria-label={t('Give up: {title}', { title })}
        data-testid="transfer-give-up"
      >
        {t('Give up')}
      </Button>
      {asking && (
        <ConfirmDialog
          title={t('Give up this file?')}
          deed={t('Give up the file')}
          refusal={t('Keep it')}
          onConfirm={() => {
            setAsking(false);
            onGiveUp();
          }}
          onClose={() => setAsking(false)}
          testId="give-up"
        >
          <p>
            <strong>{title}</strong>{' '}
            {t(
              'does not reach the server, and its entry in the chart goes. The file that you chose stays where it is.',
            )}
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}
