import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { RecordView, VersionLine } from '../../../preload/contract/timeline.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { asOfPast, usePast } from '../../app/past.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { elementWords } from '../../parts/elementNames.ts';
import fields from '../../parts/fields.module.css';
import { RichText } from '../../parts/RichText.tsx';
import { saidWords } from '../../parts/said.ts';
import { t } from '../../words/t.ts';
import { recordWords } from '../chart/recordWords.ts';
import { ItemActions } from '../charting/ItemActions.tsx';
import { recordItem } from '../charting/itemDeeds.ts';
import { CompareFields } from './CompareFields.tsx';
import css from './timeline.module.css';
import { KIND_WORDS, versionWords } from './timelineWords.ts';

interface Props {
  readonly patientId: string;
  readonly type: string;
  readonly id: string;
}

function useRecord({ patientId, type, id }: Props, version: string | null, enabled = true) {
  const past = usePast();
  return useQuery({
    queryKey: queryKeys.recordVersion(patientId, past, `${type}/${id}`, version),
    queryFn: () => unwrap(bridge().timeline.record({ patientId, type, id, version, ...asOfPast(past) })),
    enabled,
    ...recordOptions,
  });
}

/** A record element by element, in the version that is chosen, and what another version said in its place. */
export function RecordPanel(props: Props) {
  const [version, setVersion] = useState<string | null>(null);
  const [other, setOther] = useState<string | null>(null);
  const record = useRecord(props, version);
  const before = useRecord(props, other, other !== null);
  if (record.isError) return <ErrorState code={failureCode(record.error)} onRetry={() => void record.refetch()} />;
  if (!record.data) return <div aria-busy="true" />;
  const { title, shown, versions, hidden } = record.data;
  const compared = other === null ? null : (before.data ?? null);
  return (
    <article className={css.record} data-testid="record-view" data-type={props.type}>
      <h2>
        {title} {shown.version === 'current' && <ItemActions item={recordItem(record.data)} />}
      </h2>
      <p className={css.sub}>
        {kindWords(record.data)} · {versionWords(shown)}
      </p>
      <Versions
        versions={versions}
        shown={shown.version}
        other={other}
        onShow={(next) => {
          setVersion(next);
          setOther(null);
        }}
        onOther={setOther}
      />
      {hidden > 0 && (
        <p className={css.sub}>
          {t('{count} may not be viewed.', {
            count: t('{count, plural, one {# version} other {# versions}}', { count: hidden }),
          })}
        </p>
      )}
      {before.isError && other !== null ? (
        <ErrorState code={failureCode(before.error)} onRetry={() => void before.refetch()} />
      ) : compared ? (
        <CompareFields before={compared} after={record.data} />
      ) : (
        <Fields record={record.data} />
      )}
    </article>
  );
}

/** What kind of record it is, also of those that the timeline puts together as others. */
function kindWords({ kind, type }: RecordView): string {
  return kind === 'other' ? recordWords({ resourceType: type }) : KIND_WORDS[kind][0];
}

function Fields({ record: { type, fields: told, omitted, narrative } }: { readonly record: RecordView }) {
  return (
    <>
      <dl className={css.fields} data-testid="record-fields">
        {told.map(({ path, said }) => (
          <div key={path}>
            <dt>{elementWords(type, path)}</dt>
            <dd>{saidWords(type, said)}</dd>
          </div>
        ))}
      </dl>
      {omitted > 0 && (
        <p className={css.sub}>
          {t('{count} not shown.', {
            count: t('{count, plural, one {# more element} other {# more elements}}', { count: omitted }),
          })}
        </p>
      )}
      {narrative && (
        <section aria-label={t('Narrative')} className={css.narrative}>
          <h3>{t('Narrative')}</h3>
          <RichText rich={narrative} />
        </section>
      )}
    </>
  );
}

interface VersionsProps {
  readonly versions: readonly VersionLine[];
  readonly shown: string;
  readonly other: string | null;
  readonly onShow: (version: string) => void;
  readonly onOther: (version: string | null) => void;
}

/** Versions that this workstation has seen. The server may have others, and a list of ours must not read as all. */
function Versions({ versions, shown, other, onShow, onOther }: VersionsProps) {
  const id = useId();
  const past = usePast();
  if (versions.length < 2)
    return (
      <p className={css.sub}>
        {past === null
          ? t('The only version that this workstation has seen.')
          : t('The only version that it had seen then.')}
      </p>
    );
  const at = versions.findIndex(({ version }) => version === shown);
  const older = versions.slice(at + 1);
  return (
    <div className={css.versions}>
      <label htmlFor={`${id}-shown`}>{t('Version')}</label>
      <select
        id={`${id}-shown`}
        className={fields.input}
        value={shown}
        onChange={(event) => onShow(event.currentTarget.value)}
        data-testid="record-version"
      >
        {versions.map((line) => (
          <option key={line.version} value={line.version}>
            {versionWords(line)}
          </option>
        ))}
      </select>
      <label htmlFor={`${id}-other`}>{t('Compare with')}</label>
      <select
        id={`${id}-other`}
        className={fields.input}
        value={other ?? ''}
        disabled={older.length === 0}
        onChange={(event) => onOther(event.currentTarget.value || null)}
        data-testid="record-compare"
      >
        <option value="">{older.length === 0 ? t('no older version') : t('nothing')}</option>
        {older.map((line) => (
          <option key={line.version} value={line.version}>
            {versionWords(line)}
          </option>
        ))}
      </select>
      <p className={css.sub}>{t('Versions that this workstation has seen; the server may have more.')}</p>
    </div>
  );
}
