import { IconBiohazard, IconHeartbeat, IconWoman } from '@tabler/icons-react';
import { Fragment } from 'react';
import type { ChartSummary } from '../../../preload/contract/chart.ts';
import { formatDate } from '../../parts/dates.ts';
import { t } from '../../words/t.ts';
import { SealedParts } from '../documents/SealedParts.tsx';
import css from './banner.module.css';
import { WARNING_LABELS, type Warning, warningsOf } from './warnings.ts';

const ICONS = { 'code-status': IconHeartbeat, infection: IconBiohazard, pregnancy: IconWoman } as const;

/** Code status, infection control and pregnancy, each with its date: an old one is for a person to judge. */
export function BannerWarnings({ chart }: { readonly chart: ChartSummary }) {
  return warningsOf(chart).map(([kind, warnings]) => {
    const Icon = ICONS[kind];
    return (
      <span key={kind} className={css.alerts} data-tone={kind === 'code-status' ? 'strong' : 'warn'} data-kind={kind}>
        <Icon size={16} aria-hidden />
        <span className={css.label}>{WARNING_LABELS[kind]}</span>
        <span>
          {warnings.map((warning, index) => (
            <Fragment key={`${warning.type}/${warning.id}`}>
              {index > 0 && ' · '}
              <One patientId={chart.patient.id} warning={warning} />
            </Fragment>
          ))}
        </span>
      </span>
    );
  });
}

function One({ patientId, warning }: { readonly patientId: string; readonly warning: Warning }) {
  const { id, type, text, date, encrypted } = warning;
  return (
    <>
      <bdi className={css.clip} title={text}>
        {text}
      </bdi>{' '}
      <span className={css.label}>{date === null ? t('date not recorded') : formatDate(date)}</span>
      <SealedParts patientId={patientId} type={type} id={id} paths={encrypted} />
    </>
  );
}
