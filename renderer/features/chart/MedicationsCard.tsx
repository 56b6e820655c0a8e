import type { ChartSummary, Medication } from '../../../preload/contract/chart.ts';
import { orderWords } from '../../parts/codeWords.ts';
import { formatDate } from '../../parts/dates.ts';
import { SectionCard } from '../../parts/SectionCard.tsx';
import { UnsentBadge } from '../../parts/UnsentBadge.tsx';
import { isWithheld } from '../../parts/withheldWords.ts';
import { t } from '../../words/t.ts';
import { ItemActions } from '../charting/ItemActions.tsx';
import { medicationItem } from '../charting/itemDeeds.ts';
import { FormDrafts, WriteButton } from '../charting/WriteButton.tsx';
import { SealedParts } from '../documents/SealedParts.tsx';
import css from './chart.module.css';
import { Details } from './Details.tsx';
import { FoldedAway, ItemList } from './ItemList.tsx';

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
  const line = (medication: Medication) => (
    <MedicationItem key={medication.id} patientId={patientId} medication={medication} />
  );
  return (
    <SectionCard
      title={t('Medications')}
      testId="section-medications"
      now={now}
      section={section}
      action={<WriteButton kind="medication" words={t('Record a medicine that is taken')} />}
      drafts={<FormDrafts type="MedicationStatement" now={now} />}
    >
      {current.length === 0 && (
        <p className={css.lead}>
          {isWithheld(section.withheld) ? t('None current that may be shown') : t('None current')}
        </p>
      )}
      <ItemList items={current} render={line} />
      <FoldedAway
        words={t('Stopped, completed or entered in error ({count})', { count: past.length })}
        items={past}
        render={line}
      />
    </SectionCard>
  );
}

interface ItemProps {
  readonly patientId: string;
  readonly medication: Medication;
}

/** A medicine as the card shows it. */
export function MedicationItem({ patientId, medication }: ItemProps) {
  const { drug, dosage, doses, written, asNeeded, status, authored, author, changed, source } = medication;
  const item = medicationItem(medication);
  const details = [
    status === '' ? t('status not recorded') : orderWords(status),
    authored ? formatDate(authored) : null,
    author,
    source === 'MedicationStatement' ? t('as reported') : null,
    changed ? t('changed {date}', { date: formatDate(changed) }) : null,
  ];
  return (
    <li className={css.item}>
      <p className={status === 'entered-in-error' ? css.struck : undefined}>
        <bdi>
          <bdi className={css.strong}>{drug}</bdi>
          {doses.length > 0 ? <Doses doses={doses} /> : dosage && <bdi> – {dosage}</bdi>}
        </bdi>
        {asNeeded && <span className={css.tag}>{t('as needed')}</span>}
        <SealedParts patientId={patientId} type={source} id={medication.id} paths={medication.encrypted} />
        {item ? <ItemActions item={item} /> : <UnsentBadge unsent={medication.unsent} />}
      </p>
      {written && doses.length > 0 && (
        <p>
          <span className={css.dose}>{t('as written')}</span> <bdi>{dosage}</bdi>
        </p>
      )}
      <Details parts={details} />
    </li>
  );
}

/** `– DOSE 2 g – intravenous – twice daily`, a line for each where there are several. */
function Doses({ doses }: Pick<Medication, 'doses'>) {
  return doses.map(({ dose, route, frequency }, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: two may be the same
    <bdi key={index} className={index > 0 ? css.further : undefined}>
      {dose !== null && (
        <>
          {' – '}
          <span className={css.dose}>{t('DOSE')}</span> <strong>{dose}</strong>
        </>
      )}
      {route !== null && <> – {route}</>}
      {frequency !== null && <> – {frequency}</>}
    </bdi>
  ));
}
