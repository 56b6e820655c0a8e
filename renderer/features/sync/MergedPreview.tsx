import { useQuery } from '@tanstack/react-query';
import type { SaidItems } from '../../../preload/contract/said.ts';
import type { Conflict, ConflictField, MergedView } from '../../../preload/contract/sync.ts';
import { bridge, unwrap } from '../../app/bridge.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { statusWords } from '../../parts/codeWords.ts';
import { formatDateTime } from '../../parts/dates.ts';
import { FlagBadge } from '../../parts/FlagBadge.tsx';
import { Quantity } from '../../parts/Quantity.tsx';
import { itemWords, saidWords } from '../../parts/said.ts';
import { t } from '../../words/t.ts';
import { AllergyLine } from '../chart/AllergiesCard.tsx';
import { MedicationItem } from '../chart/MedicationsCard.tsx';
import { ProblemItem } from '../chart/ProblemsCard.tsx';
import css from './conflict.module.css';
import { FieldName } from './FieldChoice.tsx';
import { type Choices, mergedItems } from './merge.ts';

interface Props {
  readonly conflict: Conflict;
  readonly fields: readonly ConflictField[];
  readonly choices: Choices;
  /** Every part is chosen. */
  readonly complete: boolean;
}

/** What the record will be: as the chart will show it, and what it says where the versions differ. */
export function MergedPreview({ conflict, fields, choices, complete }: Props) {
  const type = conflict.change.resourceType;
  return (
    <section className={css.preview} aria-labelledby="merged-title" data-testid="merged-preview">
      <h2 id="merged-title">{t('Merged version')}</h2>
      {complete && <InChart conflict={conflict} choices={choices} />}
      <dl>
        {fields.map((field) => (
          <div key={field.path} data-path={field.path}>
            <dt>
              <FieldName type={type} path={field.path} />
            </dt>
            <dd className={css.text}>{previewText(type, mergedItems(field, choices))}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function previewText(type: string, items: SaidItems | null | undefined) {
  if (items === undefined) return <strong className={css.waits}>{t('Not chosen yet')}</strong>;
  return items === null ? <span className="wl-muted">{t('not there')}</span> : saidWords(type, items);
}

/** The record as main would make it of the choices, so that nobody has to put it together in the mind. */
function InChart({ conflict: { change, token }, choices }: Pick<Props, 'conflict' | 'choices'>) {
  const preview = useQuery({
    queryKey: queryKeys.mergePreview(change.id, token, choices),
    queryFn: () => unwrap(bridge().sync.preview({ id: change.id, token, choices })),
    ...recordOptions,
  });
  if (preview.isError) return <p className={css.waits}>{t('How the chart will show it can’t be told.')}</p>;
  return (
    <div className={css.inChart} aria-busy={!preview.data} data-testid="merged-in-chart">
      <p className={css.sideHead}>{t('In the chart')}</p>
      {preview.data && <Line patientId={change.patientId} type={change.resourceType} view={preview.data} />}
    </div>
  );
}

/** Nothing of it is opened here: that is asked for beside each version. */
const SEALED = { encrypted: [] };

interface LineProps {
  readonly patientId: string;
  readonly type: string;
  readonly view: MergedView;
}

function Line({ patientId, type, view }: LineProps) {
  if (view.kind === 'entry') return <Entry type={type} view={view} />;
  return (
    <ul className={css.lines}>
      {view.kind === 'allergy' && <AllergyLine patientId={patientId} allergy={{ ...view.allergy, ...SEALED }} />}
      {view.kind === 'problem' && <ProblemItem patientId={patientId} problem={{ ...view.problem, ...SEALED }} />}
      {view.kind === 'medication' && (
        <MedicationItem patientId={patientId} medication={{ ...view.medication, ...SEALED }} />
      )}
    </ul>
  );
}

interface EntryProps {
  readonly type: string;
  readonly view: MergedView & { kind: 'entry' };
}

function Entry({ type, view: { title, details, time, status, values } }: EntryProps) {
  const told = details.map((item) => itemWords(type, item));
  const said = [...told, time && formatDateTime(time), status && statusWords(status)].filter(Boolean);
  return (
    <p>
      <bdi>
        <strong>{title}</strong>
      </bdi>
      {values.map(({ code, name, value, unit, flag, masked }) => (
        <span key={`${code} ${name}`}>
          {' '}
          <Quantity value={masked ? t('Encrypted') : value} unit={unit} /> <FlagBadge flag={flag} />
        </span>
      ))}{' '}
      <span className="wl-muted">{said.join(' · ')}</span>
    </p>
  );
}
