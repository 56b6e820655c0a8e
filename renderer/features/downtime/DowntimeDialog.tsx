import { Progress } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { Binder, BinderScope, DowntimeState } from '../../../preload/contract/downtime.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import { formatAsOf, formatDateTime } from '../../parts/dates.ts';
import fields from '../../parts/fields.module.css';
import { BinderViewer, type OpenBinder } from './BinderViewer.tsx';
import css from './downtime.module.css';
import './downtimeErrors.ts';
import { t } from '../../words/t.ts';
import { PaperNumbers } from './PaperNumbers.tsx';
import { useDowntime } from './useDowntime.ts';

interface Props {
  readonly scope: BinderScope;
  /** Whose it is: the patient's name, or what the list shows. */
  readonly about: string;
  readonly now: Date;
  readonly onClose: () => void;
}

const sameScope = (a: BinderScope, b: BinderScope) =>
  a.kind === 'patient' ? b.kind === 'patient' && a.patientId === b.patientId : b.kind === 'list' && a.query === b.query;

/** Makes, opens and prints what stands in for the record in a downtime. Nothing of it takes a network. */
export default function DowntimeDialog({ scope, about, now, onClose }: Props) {
  const state = useDowntime();
  const [failure, setFailure] = useState<string | null>(null);
  const [opened, setOpened] = useState<OpenBinder | null>(null);
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  const [working, setWorking] = useState(false);
  const last = state?.kept.find((one) => sameScope(one.scope, scope)) ?? null;
  const making = state?.making && sameScope(state.making.scope, scope) ? state.making : null;
  const title = scope.kind === 'patient' ? t('Downtime sheet') : t('Downtime binder');

  async function open({ id }: Pick<Binder, 'id'>): Promise<void> {
    const answer = await bridge()
      .downtime.open({ id })
      .catch(() => ({ ok: false as const, error: { code: 'internal' } }));
    if (!answer.ok) return setFailure(answer.error.code);
    // Who has left before it was open leaves nothing open.
    if (isHere.current) setOpened(answer.value);
    else void codeOf(bridge().downtime.close({ handle: answer.value.handle }));
  }

  async function during(work: () => Promise<void>): Promise<void> {
    setWorking(true);
    setFailure(null);
    await work();
    setWorking(false);
  }

  const make = () =>
    during(async () => {
      const answer = await bridge()
        .downtime.make({ scope })
        .catch(() => ({ ok: false as const, error: { code: 'internal' } }));
      if (answer.ok) await open(answer.value);
      else setFailure(answer.error.code);
    });

  if (opened) {
    return (
      <BinderViewer
        title={title}
        about={about}
        opened={opened}
        mayPrint={state?.mayPrint ?? false}
        maySave={state?.maySave ?? false}
        onClose={onClose}
      />
    );
  }
  return (
    <Dialog title={title} onClose={onClose} testId="downtime">
      <div className={fields.form}>
        <p className={css.about}>{about}</p>
        {state && <Standing state={state} last={last} scope={scope} now={now} />}
        {making && <Making making={making} />}
        {scope.kind === 'list' && state?.mayPrint && <PaperNumbers />}
        {failure && <FailureAlert code={failure} />}
        <DialogFoot>
          {making ? (
            <Button onClick={() => void codeOf(bridge().downtime.cancel({}))} autoFocus data-testid="downtime-stop">
              {t('Stop')}
            </Button>
          ) : (
            <Button
              kind="main"
              icon={<IconPrinter size={16} aria-hidden />}
              busy={working}
              disabled={!state?.on}
              onClick={() => void make()}
              autoFocus
              data-testid="downtime-make"
            >
              {last ? t('Make a new one') : t('Make it now')}
            </Button>
          )}
          {last && (
            <Button
              onClick={() => void during(() => open(last))}
              disabled={working || making !== null}
              data-testid="downtime-open"
            >
              {t('Open the last one')}
            </Button>
          )}
          <Button onClick={onClose} data-testid="downtime-close">
            {t('Close')}
          </Button>
        </DialogFoot>
      </div>
    </Dialog>
  );
}

interface StandingProps {
  readonly state: DowntimeState;
  readonly last: Binder | null;
  readonly scope: BinderScope;
  readonly now: Date;
}

/** When the last one was made and of what; that there is none, or that the last try failed. */
function Standing({ state, last, scope, now }: StandingProps) {
  const schedule =
    scope.kind === 'list' && scope.query === ''
      ? t('One of all your patients is made by itself every {hours} while Wardlight is unlocked, and after syncs.', {
          hours: hours(state.everyMinutes),
        })
      : t('It is made from what is stored on this workstation, without a network.');
  return (
    <>
      {!state.on && <FailureAlert code="binder-off" />}
      <p data-testid="downtime-last">{last ? lastWords(last, now) : t('None is kept on this workstation yet.')}</p>
      {last && last.withheld > 0 && (
        <p className={css.warn}>
          {t('{count} withheld by access policy: not in it.', {
            count: t('{count, plural, one {# patient} other {# patients}}', { count: last.withheld }),
          })}
        </p>
      )}
      {state.failed && (
        <p className={css.warn} role="alert" data-testid="downtime-failed">
          {t('The last try failed at {dateTime} ({code}).', {
            dateTime: formatDateTime(state.failed.at),
            code: state.failed.code,
          })}
        </p>
      )}
      {state.on && <p className="wl-muted">{schedule}</p>}
    </>
  );
}

function lastWords({ madeAt, asOf, pages, patients }: Binder, now: Date): string {
  const known =
    asOf === null
      ? t('with parts that were never fetched')
      : t('data as of {dateTime}', { dateTime: formatDateTime(asOf) });
  return t('Last made {asOf}: {count}, {count2}, {known}.', {
    asOf: formatAsOf(madeAt, now),
    count: t('{count, plural, one {# patient} other {# patients}}', { count: patients }),
    count2: t('{count, plural, one {# page} other {# pages}}', { count: pages }),
    known,
  });
}

function hours(minutes: number): string {
  return minutes % 60 === 0
    ? t('{count, plural, one {# hour} other {# hours}}', { count: minutes / 60 })
    : t('{count, plural, one {# minute} other {# minutes}}', { count: minutes });
}

function Making({ making: { done, total } }: { readonly making: NonNullable<DowntimeState['making']> }) {
  const words =
    total === 0
      ? t('Making it…')
      : done < total
        ? t('{done} of {count} read', {
            done,
            count: t('{count, plural, one {# patient} other {# patients}}', { count: total }),
          })
        : t('Laying out the pages…');
  return (
    <div role="status" data-testid="downtime-progress">
      <Progress.Root size={8} radius="sm">
        <Progress.Section
          value={total === 0 ? 0 : (done / total) * 90}
          aria-label={t('Making the downtime binder')}
          aria-valuetext={words}
        />
      </Progress.Root>
      <span className="wl-numbers">{words}</span>
    </div>
  );
}
