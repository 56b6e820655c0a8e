import type { CareTeamItem, Contact } from '../../../preload/contract/background.ts';
import { SectionCard } from '../../parts/SectionCard.tsx';
import { t } from '../../words/t.ts';
import { SealedParts } from '../documents/SealedParts.tsx';
import css from './chart.module.css';
import { FoldedList } from './FoldedList.tsx';
import type { SectionProps } from './sectionProps.ts';

const CONTACT_WORDS: Readonly<Record<Contact['kind'], string>> = {
  phone: 'phone',
  pager: 'bleep',
  sms: t('text message'),
  email: 'e-mail',
  fax: 'fax',
  other: 'contact',
};

/** Who cares for the patient, and how they are reached. */
export function CareTeamCard({ chart, now }: SectionProps) {
  const { careTeam, patient } = chart;
  return (
    <SectionCard title={t('Care team')} testId="section-careTeam" now={now} section={careTeam}>
      {careTeam.items.map((team) => (
        <div key={`${team.kind}/${team.id}`}>
          <h3 className={css.group}>
            <bdi>{teamName(team)}</bdi>
            <SealedParts patientId={patient.id} type="CareTeam" id={team.id} paths={team.encrypted} />
          </h3>
          {team.members.length === 0 && <p className={css.lead}>{t('Nobody is on it now')}</p>}
          <FoldedList items={team.members.map((member, at) => ({ member, at }))} short={6} render={memberLine} />
        </div>
      ))}
    </SectionCard>
  );
}

function teamName({ kind, name }: CareTeamItem): string {
  if (kind === 'general-practitioner') return t('General practitioner');
  return name ?? t('Team without a name');
}

function memberLine({ member, at }: { readonly member: CareTeamItem['members'][number]; readonly at: number }) {
  const { name, role, contacts } = member;
  return (
    <li key={at} className={css.item}>
      <p>
        <bdi className={css.strong}>{name}</bdi> {role && <bdi className={css.sub}>{role}</bdi>}
      </p>
      {contacts.length === 0 && <p className={css.sub}>{t('no contact on this workstation')}</p>}
      {contacts.map(({ kind, value }) => (
        <p key={`${kind} ${value}`} className={css.sub}>
          {CONTACT_WORDS[kind]} <bdi className="wl-numbers">{value}</bdi>
        </p>
      ))}
    </li>
  );
}
