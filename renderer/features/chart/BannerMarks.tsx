import { IconAlertTriangle, IconArrowsJoin, IconFlask, IconLock } from '@tabler/icons-react';
import type { ChartSummary } from '../../../preload/contract/chart.ts';
import type { PatientMark } from '../../../preload/contract/patients.ts';
import { Button } from '../../parts/Button.tsx';
import { identityDoubts } from '../../parts/doubts.ts';
import { MARK_WORDS } from '../../parts/patientMarks.ts';
import { t } from '../../words/t.ts';
import css from './banner.module.css';

interface Props {
  readonly patient: ChartSummary['patient'];
  readonly onPatient: ((patientId: string) => void) | undefined;
}

const ICONS: Readonly<Record<PatientMark, typeof IconLock>> = {
  merged: IconArrowsJoin,
  test: IconFlask,
  'very-restricted': IconLock,
  restricted: IconLock,
  'label-unknown': IconLock,
};

/** What must be known of the record before anything in it, each on a line of its own, above who it is. */
export function BannerMarks({ patient, onPatient }: Props) {
  return (
    <>
      {patient.marks.map((mark) => {
        const Icon = ICONS[mark];
        const { words, tone } = MARK_WORDS[mark];
        return (
          <p key={mark} className={css.mark} data-tone={tone} data-mark={mark} data-testid="banner-mark">
            <Icon size={16} aria-hidden />
            <strong>{words}</strong>
            {mark === 'merged' && <Replacement replacedBy={patient.replacedBy} onPatient={onPatient} />}
          </p>
        );
      })}
    </>
  );
}

/** What in who it is can't be true, or may deceive. */
export function BannerDoubts({ patient, now }: Pick<Props, 'patient'> & { readonly now: Date }) {
  const doubts = identityDoubts(patient, now);
  if (doubts.length === 0) return null;
  return (
    <p className={css.mark} data-tone="warn" data-testid="banner-doubts">
      <IconAlertTriangle size={16} aria-hidden />
      <strong>{doubts.join(' ')}</strong>
    </p>
  );
}

function Replacement({
  replacedBy,
  onPatient,
}: { readonly replacedBy: ChartSummary['patient']['replacedBy'] } & Pick<Props, 'onPatient'>) {
  if (!replacedBy?.here)
    return <span>{t('Nothing can be written here. The other record is not on this workstation.')}</span>;
  const { id } = replacedBy;
  return (
    <>
      <span>{t('Nothing can be written here.')}</span>
      {onPatient && (
        <Button size="tiny" onClick={() => onPatient(id)} data-testid="open-replacement">
          {t('Open the record that replaces it')}
        </Button>
      )}
    </>
  );
}
