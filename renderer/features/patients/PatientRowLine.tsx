import { IconUsers } from '@tabler/icons-react';
import { memo } from 'react';
import type { PatientRow } from '../../../preload/contract/patients.ts';
import { formatDateTime, formatTime } from '../../parts/dates.ts';
import { formatBirth, formatDeath, formatName, formatSex } from '../../parts/names.ts';
import { PatientMarks } from '../../parts/PatientMarks.tsx';
import { t } from '../../words/t.ts';
import { splitLocation } from './location.ts';
import css from './patients.module.css';

interface Props {
  readonly index: number;
  /** Null until its page was read. */
  readonly row: PatientRow | null;
  readonly active: boolean;
  /** The list is of appointments. */
  readonly booked: boolean;
  readonly now: Date;
  readonly onOpen: (patientId: string) => void;
}

/** One patient in the list. Keys are handled by the grid around it. */
export const PatientRowLine = memo(function PatientRowLine(props: Props) {
  const { index, row, active, booked, now, onOpen } = props;
  if (!row) return <tr className={css.row} aria-hidden />;
  return (
    <tr
      id={`patient-row-${index}`}
      className={css.row}
      aria-rowindex={index + 2}
      aria-selected={active}
      data-testid="patient-row"
      data-patient-id={row.id}
      onClick={() => onOpen(row.id)}
    >
      <NameCell row={row} />
      <td>{formatBirth(row, now)}</td>
      <td>{formatSex(row.sex)}</td>
      <td>
        <bdi>{row.mrn ?? '–'}</bdi>
      </td>
      <td>{row.location === null ? '–' : <Place location={row.location} />}</td>
      <td>{booked ? <Booking row={row} /> : row.lastUpdated ? formatDateTime(row.lastUpdated) : '–'}</td>
    </tr>
  );
});

/** When she is expected, and what for. */
function Booking({ row: { appointment } }: { readonly row: PatientRow }) {
  if (!appointment) return '–';
  const { start, what, status } = appointment;
  const here = status === 'arrived' || status === 'checked-in' ? 'arrived' : status === 'fulfilled' ? 'seen' : null;
  const said = [what, here].filter(Boolean).join(', ');
  return (
    <span title={said}>
      {formatTime(new Date(start))} <bdi>{said}</bdi>
    </span>
  );
}

/** Ward and bed; where room is short, the ward is cut and the bed stays. */
function Place({ location }: { readonly location: string }) {
  const { ward, bed } = splitLocation(location);
  return (
    <span className={css.place} dir="auto" title={location}>
      <bdi className={css.ward}>{ward}</bdi>
      {bed !== null && <bdi className={css.bed}>, {bed}</bdi>}
    </span>
  );
}

function NameCell({ row }: { readonly row: PatientRow }) {
  const marks = row.marks.length + [row.similar, row.alike, row.deceased !== false].filter(Boolean).length;
  return (
    <th scope="row">
      <span className={css.nameCell} data-many={marks > 1 || undefined}>
        <bdi className={css.name} title={formatName(row.name)}>
          {formatName(row.name)}
        </bdi>
        {row.similar && (
          <span className={css.similar} title={t('Another patient on this list has a similar name')}>
            <IconUsers size={13} aria-hidden />
            <span className={css.similarWords}>{t('Similar name')}</span>
          </span>
        )}
        <PatientMarks marks={row.marks} />
        {row.alike && (
          <span className={css.alike} title={t('Not as you typed it: the name sounds like it')}>
            {t('Sounds alike')}
          </span>
        )}
        {row.deceased !== false && (
          <span className={css.dead} title={formatDeath(row) ?? undefined}>
            {t('Deceased')}
          </span>
        )}
      </span>
    </th>
  );
}
