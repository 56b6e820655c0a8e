import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AlarmLine } from '../../../preload/contract/audit.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button, PlainButton } from '../../parts/Button.tsx';
import { formatDateTime, formatWhen } from '../../parts/dates.ts';
import { t } from '../../words/t.ts';
import { alarmMeans, alarmTitle, SENDING_WORDS } from './alarmWords.ts';
import css from './audit.module.css';
import { deedWords, outcomeWords, patientWords, personWords } from './lineWords.ts';
import { MarkDialog } from './MarkDialog.tsx';

interface Props {
  readonly alarm: AlarmLine;
  readonly now: Date;
  /** Opens who has seen a patient's chart. */
  readonly onAccesses: (patientId: string) => void;
}

/** One alarm: what rang, about whom, whose chart, the entries that it goes by, and what was made of it. */
export function AlarmItem({ alarm, now, onAccesses }: Props) {
  const { id, at, about, patient, workstation, mark, sending, own } = alarm;
  const [open, setOpen] = useState(false);
  const [marking, setMarking] = useState(false);
  const facts = [formatWhen(at, now), workstation, SENDING_WORDS[sending]].filter(Boolean);
  return (
    <li className={css.item} data-open={mark === null} data-testid="alarm" data-alarm-id={id}>
      <div className={css.what}>
        <PlainButton
          className={css.itemHead}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          title={t('Show the entries that it goes by')}
          data-alarm-head
          data-testid="alarm-head"
        >
          <strong>{alarmTitle(alarm)}</strong>
          <span aria-hidden>{open ? ' ▾' : ' ▸'}</span>
        </PlainButton>
        <p>{alarmMeans(alarm)}</p>
        <p className={css.sub}>
          {about && (
            <>
              <bdi className={css.person}>{personWords(about)}</bdi>
              {' · '}
            </>
          )}
          {patient && (
            <>
              <PlainButton
                className={css.patient}
                onClick={() => onAccesses(patient.id)}
                title={t('Who has seen this chart')}
                data-testid="alarm-patient"
              >
                <bdi>{patientWords(patient)}</bdi>
              </PlainButton>
              {' · '}
            </>
          )}
          {facts.join(' · ')}
        </p>
        {mark && (
          <p className={css.mark} data-testid="alarm-mark">
            {t('False alarm, says {person} ({dateTime}): “{reason}”', {
              person: personWords(mark.who),
              dateTime: formatDateTime(mark.at),
              reason: mark.reason,
            })}
          </p>
        )}
        {open && <Evidence alarm={alarm} onAccesses={onAccesses} />}
      </div>
      {mark === null && (
        <div className={css.actions}>
          {own ? (
            <span className="wl-muted">{t('About you: somebody else has to judge it')}</span>
          ) : (
            <Button
              onClick={() => setMarking(true)}
              aria-label={t('Mark as a false alarm: {alarmTitle}', { alarmTitle: alarmTitle(alarm) })}
              data-testid="alarm-mark-open"
            >
              {t('False alarm…')}
            </Button>
          )}
        </div>
      )}
      {marking && <MarkDialog alarm={alarm} onClose={() => setMarking(false)} />}
    </li>
  );
}

function Evidence({ alarm: { id, evidence }, onAccesses }: Pick<Props, 'alarm' | 'onAccesses'>) {
  const entries = useQuery({
    queryKey: queryKeys.evidence(id),
    queryFn: () => unwrap(bridge().audit.evidence({ id })),
    ...recordOptions,
    enabled: evidence > 0,
  });
  if (evidence === 0) return <p className={css.sub}>{t('No entries: it goes by the state of the workstation.')}</p>;
  if (entries.isError) return <FailureAlert code={failureCode(entries.error)} />;
  if (!entries.data) return <p aria-busy="true" className={css.sub} />;
  const { items, missing } = entries.data;
  return (
    <div className={css.evidence} data-testid="evidence">
      <ol>
        {items.map((line) => (
          <li key={line.seq}>
            <span className="wl-numbers">{formatDateTime(line.at)}</span>
            <span>
              {deedWords(line)} {outcomeWords(line) && <em className={css.outcome}>{outcomeWords(line)}</em>}
            </span>
            {line.patient && <EvidencePatient patient={line.patient} onAccesses={onAccesses} />}
          </li>
        ))}
      </ol>
      {missing > 0 && (
        <p className={css.sub}>
          {t('{missing, plural, one {One more entry is not shown here.} other {# more entries are not shown here.}}', {
            missing,
          })}
        </p>
      )}
    </div>
  );
}

interface EvidencePatientProps {
  readonly patient: NonNullable<AlarmLine['patient']>;
  readonly onAccesses: (patientId: string) => void;
}

function EvidencePatient({ patient, onAccesses }: EvidencePatientProps) {
  return (
    <PlainButton className={css.patient} onClick={() => onAccesses(patient.id)} title={t('Who has seen this chart')}>
      <bdi>{patientWords(patient)}</bdi>
    </PlainButton>
  );
}
