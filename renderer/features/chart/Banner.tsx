import { IconAlertTriangle, IconFlag } from '@tabler/icons-react';
import { Fragment } from 'react';
import type { ChartSummary, SectionState } from '../../../preload/contract/chart.ts';
import { Button } from '../../parts/Button.tsx';
import { DataAge } from '../../parts/DataAge.tsx';
import { formatBirth, formatDeath, formatNameWithPrefix, formatSex } from '../../parts/names.ts';
import { EMPTY_WORDS } from '../../parts/sectionWords.ts';
import { type OpenHow, useOpenWithheld } from '../../parts/withheld.ts';
import { withheldWords } from '../../parts/withheldWords.ts';
import { t } from '../../words/t.ts';
import { SealedParts } from '../documents/SealedParts.tsx';
import { allergyLine } from './allergies.ts';
import { BannerDoubts, BannerMarks } from './BannerMarks.tsx';
import { BannerWarnings } from './BannerWarnings.tsx';
import css from './banner.module.css';
import { identifiersOf, shortLabel } from './identity.ts';

interface Props {
  readonly chart: ChartSummary;
  readonly now: Date;
  /** Opens the chart of the record that replaces this one; without it, none is offered. */
  readonly onPatient?: (patientId: string) => void;
}

/** Who this is and what must not be missed. It stays above everything of the chart (NHS CUI patient banner). */
export function Banner({ chart, now, onPatient }: Props) {
  const { patient } = chart;
  const death = formatDeath(patient);
  const name = formatNameWithPrefix(patient.name);
  return (
    <section
      className={css.banner}
      aria-label={t('Patient')}
      data-testid="patient-banner"
      data-deceased={death !== null}
    >
      <BannerMarks patient={patient} onPatient={onPatient} />
      <div className={css.who} data-testid="banner-identity">
        <h1 title={name}>
          <bdi>{name}</bdi>
        </h1>
        {death && <strong className={css.dead}>{death}</strong>}
        <Item label={t('born')}>{formatBirth(patient, now)}</Item>
        <Item label={t('sex')}>{formatSex(patient.sex)}</Item>
        <Identifiers chart={chart} />
        <SealedParts patientId={patient.id} type="Patient" id={patient.id} paths={patient.encrypted} />
        <Item label={t('location')}>{patient.location ?? t('no current location')}</Item>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: where it is too long for its place it scrolls, by keys too */}
      <section className={css.line} aria-label={t('Warnings')} tabIndex={0}>
        <BannerDoubts patient={patient} now={now} />
        <BannerWarnings chart={chart} />
        <AllergyItem chart={chart} />
        <AlertItem chart={chart} />
        <span className={css.age} data-testid="banner-age">
          <span className={css.label}>{t('data')}</span>{' '}
          <DataAge state={wholeState(chart)} asOf={chart.asOf} now={now} />
        </span>
      </section>
    </section>
  );
}

interface ItemProps {
  readonly label: string;
  readonly title?: string;
  readonly children: string;
}

function Item({ label, title, children }: ItemProps) {
  return (
    <span className={`wl-numbers ${css.fact}`} title={title}>
      <span className={css.label}>{label}</span>{' '}
      <bdi className={css.clip} title={children}>
        {children}
      </bdi>
    </span>
  );
}

const SHOWN_IDENTIFIERS = 3;

/** The medical record number first; the rest is in the title, so that the banner keeps its height. */
function Identifiers({ chart }: { readonly chart: ChartSummary }) {
  const all = identifiersOf(chart.patient);
  const hidden = all.slice(SHOWN_IDENTIFIERS);
  return (
    <>
      {all.slice(0, SHOWN_IDENTIFIERS).map(({ label, value }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: several may be encrypted, and say the same
        <Item key={index} label={shortLabel(label)} title={label}>
          {value}
        </Item>
      ))}
      {hidden.length > 0 && (
        <span title={hidden.map(({ label, value }) => `${label} ${value}`).join('\n')}>
          {t('+{count} more', { count: hidden.length })}
        </span>
      )}
    </>
  );
}

/** High criticality comes first; the others are counted. */
const SHOWN_SUBSTANCES = 12;

function AllergyItem({ chart }: { readonly chart: ChartSummary }) {
  const { statement, substances, caution } = allergyLine(chart);
  const tone = statement ? statement.tone : 'danger';
  const hidden = substances.length - SHOWN_SUBSTANCES;
  return (
    <span className={css.allergies} data-testid="banner-allergies" data-tone={tone}>
      {tone !== 'plain' && <IconAlertTriangle size={16} aria-hidden />}
      <span className={css.label}>{t('allergies')}</span>
      <span>
        {statement?.words}
        {substances.slice(0, SHOWN_SUBSTANCES).map(({ id, words, high }, index) => (
          <Fragment key={id}>
            {index > 0 && ', '}
            <bdi className={css.clip} title={words}>
              {high ? <strong>{t('{words} (high)', { words })}</strong> : words}
            </bdi>
          </Fragment>
        ))}
        {hidden > 0 && <strong>{t(', and {hidden} more in the allergies section', { hidden })}</strong>}
        {caution && ` – ${caution}`}
      </span>
    </span>
  );
}

function AlertItem({ chart }: { readonly chart: ChartSummary }) {
  const { alerts } = chart;
  const withheld = withheldWords(alerts.withheld);
  // The others stand by their own names before it.
  const items = alerts.items.filter(({ warns }) => warns === null);
  if (items.length === 0) {
    // That nothing is flagged is worth no word in the banner, but that it isn't known is.
    if (alerts.state === 'complete' && withheld === null) return null;
    return (
      <span className={css.alerts} data-tone="plain">
        <span className={css.label}>{alerts.items.length > 0 ? t('other alerts') : 'alerts'}</span>{' '}
        {withheld ?? EMPTY_WORDS[alerts.state]}
        {alerts.withheld.restricted && <OpenAlerts how={alerts.withheld.restricted} />}
      </span>
    );
  }
  return (
    <span className={css.alerts} data-tone="warn">
      <IconFlag size={16} aria-hidden />
      <span className={css.label}>{t('alerts')}</span>
      <span>
        {items.map(({ id, text, encrypted }, index) => (
          <Fragment key={id}>
            {index > 0 && ' · '}
            <bdi className={css.clip} title={text}>
              {text}
            </bdi>{' '}
            <SealedParts patientId={chart.patient.id} type="Flag" id={id} paths={encrypted} />
          </Fragment>
        ))}
        {withheld && ` – ${withheld}`}
      </span>
      {alerts.withheld.restricted && <OpenAlerts how={alerts.withheld.restricted} />}
    </span>
  );
}

function OpenAlerts({ how }: { readonly how: OpenHow }) {
  const open = useOpenWithheld();
  return (
    open && (
      <Button size="tiny" onClick={() => open(how)} aria-label={t('Open restricted alerts')}>
        {t('Open…')}
      </Button>
    )
  );
}

/** The least that can be said of all sections together. */
function wholeState(chart: ChartSummary): SectionState {
  const { allergies, problems, medications, alerts, vitals, results, encounters, notes } = chart;
  const states = [allergies, problems, medications, alerts, vitals, results, encounters, notes].map(
    ({ state }) => state,
  );
  if (states.every((state) => state === 'not-fetched')) return 'not-fetched';
  return states.some((state) => state === 'partial' || state === 'not-fetched') ? 'partial' : 'complete';
}
