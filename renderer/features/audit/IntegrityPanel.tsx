import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { AuditStatus, EnrolmentState, Integrity } from '../../../preload/contract/audit.ts';
import { bridge, codeOf, failureCode, unwrap } from '../../app/bridge.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { formatAsOf, formatWhen } from '../../parts/dates.ts';
import { number, t } from '../../words/t.ts';
import css from './audit.module.css';
import { findingWords } from './findingWords.ts';
import { LeavingList } from './LeavingList.tsx';
import { useAuditStatus } from './useAuditStatus.ts';

/** Whether the record of access can be relied on, and a verification of all of it. */
export function IntegrityPanel({ now }: { readonly now: Date }) {
  const told = useAuditStatus();
  const [failure, setFailure] = useState<string | null>(null);
  const integrity = useQuery({
    queryKey: queryKeys.integrity,
    queryFn: () => unwrap(bridge().audit.integrity({})),
    ...recordOptions,
  });
  const { refetch } = integrity;
  const done = told?.verification?.done ?? false;
  // What a verification has found stands in the log when it is done.
  useEffect(() => {
    if (done) void refetch();
  }, [done, refetch]);

  const status = told ?? integrity.data?.status ?? null;
  const running = status?.verification && !status.verification.done ? status.verification : null;
  const verify = async () => setFailure(await codeOf(bridge().audit.verify({})));
  const stop = () => void codeOf(bridge().audit.stopVerifying({}));
  return (
    <section className={css.integrity} aria-labelledby="integrity-title" data-testid="integrity">
      <div className={css.integrityHead}>
        <h2 id="integrity-title">{t('Record of access on this workstation')}</h2>
        {running ? (
          <Button onClick={stop} data-testid="verify-stop">
            {t('Stop')}
          </Button>
        ) : (
          <Button onClick={verify} data-testid="verify-now">
            {t('Verify now')}
          </Button>
        )}
      </div>
      {integrity.isError && <FailureAlert code={failureCode(integrity.error)} />}
      {failure && <FailureAlert code={failure} />}
      {integrity.data && status && <Facts integrity={integrity.data} status={status} now={now} />}
      {running && <Progress checked={running.checked} size={running.size} />}
      {integrity.data && <Findings findings={integrity.data.findings} now={now} />}
      {integrity.data && <LeavingList integrity={integrity.data} />}
    </section>
  );
}

interface FactsProps {
  readonly integrity: Integrity;
  readonly status: AuditStatus;
  readonly now: Date;
}

function Facts({ integrity: { size, checkpoint, enrolment, findings, origin }, status, now }: FactsProps) {
  const { tone, words } = stateOf(status, findings.length);
  return (
    <dl className={css.facts}>
      <div>
        <dt>{t('State')}</dt>
        <dd data-tone={tone}>
          <span data-testid="integrity-state" role="status">
            {words}
            {status.degraded && <span className="wl-code"> {status.degraded}</span>}
          </span>
        </dd>
      </div>
      <div>
        <dt>{t('Entries')}</dt>
        <dd className="wl-numbers">{number(size)}</dd>
      </div>
      <div>
        <dt>{t('Last signed')}</dt>
        <dd data-testid="integrity-signed">
          {checkpoint
            ? t('{asOf}, {count} entries', {
                asOf: formatAsOf(checkpoint.at, now),
                count: number(checkpoint.size),
              })
            : t('not by this log’s own key')}
        </dd>
      </div>
      <div>
        <dt>{t('At the server')}</dt>
        <dd data-testid="integrity-enrolment">{ENROLMENTS[enrolment]}</dd>
      </div>
      <div>
        <dt>{t('Log')}</dt>
        <dd className="wl-code">{origin}</dd>
      </div>
    </dl>
  );
}

const ENROLMENTS: Readonly<Record<EnrolmentState, string>> = {
  unknown: t('not compared since the unlock'),
  enrolled: t('key and signed state are known there'),
  'not-offered': t('not kept there for this sign-in'),
  'not-reached': t('not reached; tried again'),
  'log-unreadable': t('not compared, as the log can’t be read; tried again'),
};

/** The worst thing first. */
function stateOf({ degraded, verification }: AuditStatus, findings: number): { tone: string; words: string } {
  if (degraded !== null) return { tone: 'danger', words: t('Can’t be written: charts open by emergency access only') };
  if (findings > 0) return { tone: 'danger', words: t('Something is wrong: see what was found') };
  if (verification && !verification.done) return { tone: 'plain', words: t('Being verified') };
  if (verification) return { tone: 'good', words: t('Intact: every entry was verified since Wardlight started') };
  return { tone: 'plain', words: t('Nothing wrong at the start; not verified as a whole since') };
}

function Progress({ checked, size }: { readonly checked: number; readonly size: number }) {
  return (
    <p className={css.progress}>
      <progress value={checked} max={Math.max(1, size)} aria-label={t('Verification')} data-testid="verify-progress" />
      <span className="wl-numbers">
        {t('{count} of {count2} entries', { count: number(checked), count2: number(size) })}
      </span>
    </p>
  );
}

function Findings({ findings, now }: { readonly findings: Integrity['findings']; readonly now: Date }) {
  if (findings.length === 0) return null;
  return (
    <ul className={css.findings} data-testid="findings">
      {findings.map((finding) => (
        <li key={`${finding.code} ${finding.log} ${finding.first} ${finding.end}`}>
          <strong>{findingWords(finding)}</strong>
          {finding.at && t(', found {when}', { when: formatWhen(finding.at, now) })}{' '}
          <span className="wl-code">{finding.code}</span>
        </li>
      ))}
    </ul>
  );
}
