import type { ChartSummary, Medication } from '../../../preload/contract/chart.ts';
import { formatDate } from '../../parts/dates.ts';
import { SectionCard } from '../../parts/SectionCard.tsx';
import { isWithheld } from '../../parts/withheldWords.ts';
import { t } from '../../words/t.ts';
import { SealedParts } from '../documents/SealedParts.tsx';
import css from './chart.module.css';

interface Props {
  readonly patientId: string;
  readonly section: ChartSummary['medications'];
  readonly now: Date;
}

const CURRENT = new Set(['active', 'on-hold', 'intended', 'draft', 'unknown', '']);

/** Medication lines after NHS CUI: drug in bold, then the dosage, status and who ordered it. */
export function MedicationsCard({ patientId, section, now }: Props) {
  const current = section.items.filter(({ status }) => CURRENT.has(status));
  const past = section.items.filter(({ status }) => !CURRENT.has(status));
  return (
    <SectionCard title={t('Medications')} testId="section-medications" now={now} section={section}>
      {current.length === 0 && (
        <p className={css.lead}>
          {isWithheld(section.withheld) ? t('None current that may be shown') : t('None current')}
        </p>
      )}
      <ul className={css.items}>
        {current.map((medication) => (
          <MedicationItem key={medication.id} patientId={patientId} medication={medication} />
        ))}
      </ul>
      {past.length > 0 && (
        <details className={css.fold}>
          <summary>{t('Stopped, completed or entered in error ({count})', { count: past.length })}</summary>
          <ul className={css.items}>
            {past.map((medication) => (
              <MedicationItem key={medication.id} patientId={patientId} medication={medication} />
            ))}
          </ul>
        </details>
      )}
    </SectionCard>
  );
}

interface ItemProps {
  readonly patientId: string;
  readonly medication: Medication;
}

function MedicationItem({ patientId, medication }: ItemProps) {
  const { drug, dosage, asNeeded, status, authored, author, source } = medication;
  const details = [
    status === '' ? t('status not recorded') : status.replaceAll('-', ' '),
    authored ? formatDate(authored) : null,
    author,
    source === 'MedicationStatement' ? t('as reported') : null,
  ].filter(Boolean);
  return (
    <li className={css.item}>
      <p className={status === 'entered-in-error' ? css.struck : undefined}>
        <strong>{drug}</strong> {dosage && <>– {dosage}</>}
        {asNeeded && <span className={css.tag}>{t('as needed')}</span>}
        <SealedParts patientId={patientId} type={source} id={medication.id} paths={medication.encrypted} />
      </p>
      <p className={css.sub}>{details.join(' · ')}</p>
    </li>
  );
}
