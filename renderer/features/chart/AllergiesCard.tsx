import type { Allergy, AllergyStatement, ChartSummary } from '../../../preload/contract/chart.ts';
import { codeWords } from '../../parts/codeWords.ts';
import { formatDate } from '../../parts/dates.ts';
import { SectionCard } from '../../parts/SectionCard.tsx';
import { t } from '../../words/t.ts';
import { ItemActions } from '../charting/ItemActions.tsx';
import { allergyItem } from '../charting/itemDeeds.ts';
import { FormDrafts, WriteButton } from '../charting/WriteButton.tsx';
import { SealedParts } from '../documents/SealedParts.tsx';
import { STATEMENT_WORDS, sortAllergies } from './allergies.ts';
import css from './chart.module.css';
import { Details } from './Details.tsx';
import { FoldedAway, ItemList } from './ItemList.tsx';

interface Props {
  readonly patientId: string;
  readonly section: ChartSummary['allergies'];
  readonly statement: AllergyStatement;
  readonly now: Date;
}

const VERIFICATION_WORDS: Record<Allergy['verificationStatus'], string> = {
  unconfirmed: t('Unconfirmed'),
  confirmed: t('Confirmed'),
  refuted: t('Refuted'),
  'entered-in-error': t('Entered in error'),
  unknown: t('Certainty not recorded'),
};

const CRITICALITY_WORDS: Record<Allergy['criticality'], string> = {
  low: t('Low criticality'),
  high: t('High criticality'),
  'unable-to-assess': t('Criticality could not be assessed'),
  unknown: t('Criticality not recorded'),
};

/** Allergies that hold, then those that don't, folded away. */
export function AllergiesCard({ patientId, section, statement, now }: Props) {
  const { active, past } = sortAllergies(section.items);
  const words = statement === 'recorded' ? null : STATEMENT_WORDS[statement];
  return (
    <SectionCard
      title={t('Allergies and intolerances')}
      testId="section-allergies"
      now={now}
      section={section}
      action={<WriteButton kind="allergy" words={t('Record an allergy')} />}
      drafts={<FormDrafts type="AllergyIntolerance" now={now} />}
      lead={words && <p className={words.tone === 'warn' ? css.leadWarn : css.lead}>{words.words}</p>}
    >
      <ItemList
        items={active}
        render={(allergy) => <AllergyItem key={allergy.id} patientId={patientId} allergy={allergy} />}
      />
      <FoldedAway
        words={t('Resolved, refuted or entered in error ({count})', { count: past.length })}
        items={past}
        render={(allergy) => <PastItem key={allergy.id} patientId={patientId} allergy={allergy} />}
      />
    </SectionCard>
  );
}

interface ItemProps {
  readonly patientId: string;
  readonly allergy: Allergy;
}

/** An allergy as the card shows it, by whether it holds. */
export function AllergyLine(props: ItemProps) {
  const isActive = sortAllergies([props.allergy]).active.length > 0;
  return isActive ? <AllergyItem {...props} /> : <PastItem {...props} />;
}

function AllergyItem({ patientId, allergy }: ItemProps) {
  const { substance, criticality, reactions, verificationStatus, clinicalStatus, type, category, recorded, note } =
    allergy;
  const high = criticality === 'high';
  const details = [
    CRITICALITY_WORDS[criticality],
    VERIFICATION_WORDS[verificationStatus],
    clinicalStatus === 'unknown' ? t('Status not recorded') : null,
    type === null ? t('type not recorded') : codeWords('allergyType', type),
    category.map((one) => codeWords('allergyCategory', one)).join(', '),
    recorded ? t('recorded {date}', { date: formatDate(recorded) }) : null,
  ];
  return (
    <li className={css.item} data-tone={high ? 'danger' : 'none'}>
      <p>
        <bdi>
          <bdi className={css.strong}>{substance}</bdi>
          {reactions.length > 0 && <bdi> – {reactions.map(reactionWords).join('; ')}</bdi>}
        </bdi>
        <SealedParts patientId={patientId} type="AllergyIntolerance" id={allergy.id} paths={allergy.encrypted} />
        <ItemActions item={allergyItem(allergy)} />
      </p>
      <Details parts={details} />
      {note && <p className={css.sub}>{note}</p>}
    </li>
  );
}

function PastItem({ patientId, allergy }: ItemProps) {
  const { substance, verificationStatus, clinicalStatus, recorded } = allergy;
  const wrong = verificationStatus === 'refuted' || verificationStatus === 'entered-in-error';
  const why = wrong
    ? VERIFICATION_WORDS[verificationStatus]
    : clinicalStatus === 'resolved'
      ? t('Resolved')
      : t('Inactive');
  return (
    <li className={css.item}>
      <p>
        <bdi className={wrong ? css.struck : undefined}>{substance}</bdi> – <strong>{why}</strong>
        <SealedParts patientId={patientId} type="AllergyIntolerance" id={allergy.id} paths={allergy.encrypted} />
        <ItemActions item={allergyItem(allergy)} />
      </p>
      {recorded && <p className={css.sub}>{t('recorded {date}', { date: formatDate(recorded) })}</p>}
    </li>
  );
}

function reactionWords({ manifestation, severity }: Allergy['reactions'][number]): string {
  return severity ? `${manifestation} (${codeWords('severity', severity)})` : manifestation;
}
