import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { DraftType } from '../../../preload/contract/drafts.ts';
import { bridge, unwrap } from '../../app/bridge.ts';
import { flushed } from '../../app/flushing.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { formatWhen } from '../../parts/dates.ts';
import { t } from '../../words/t.ts';
import css from './drafts.module.css';

interface Props {
  readonly patientId: string;
  readonly resourceType: DraftType;
  readonly now: Date;
  /** Opens the editor of a record, or of a new one. */
  readonly onOpen: (resourceId: string | null) => void;
}

const withheldOf: Partial<Record<DraftType, (count: number) => string>> = {
  DocumentReference: (count) =>
    t(
      '{count, plural, one {A draft is withheld: its note may not be seen now. It is kept, and shown again when you may.} other {# drafts are withheld: their notes may not be seen now. They are kept, and shown again when you may.}}',
      { count },
    ),
  Observation: (count) =>
    t(
      '{count, plural, one {A draft is withheld: its value may not be seen now. It is kept, and shown again when you may.} other {# drafts are withheld: their values may not be seen now. They are kept, and shown again when you may.}}',
      { count },
    ),
};
const anyWithheld = (count: number) =>
  t(
    '{count, plural, one {A draft is withheld: its record may not be seen now. It is kept, and shown again when you may.} other {# drafts are withheld: their records may not be seen now. They are kept, and shown again when you may.}}',
    { count },
  );

/** Above the notes or the vital signs: what was typed for this patient and nobody has saved. */
export function DraftRows({ patientId, resourceType, now, onOpen }: Props) {
  const drafts = useQuery({
    queryKey: queryKeys.patientDrafts(patientId, resourceType),
    queryFn: async () => {
      await flushed();
      return unwrap(bridge().drafts.ofPatient({ patientId, resourceType }));
    },
    ...recordOptions,
  });
  const { items = [], withheld = 0 } = drafts.data ?? {};
  const withheldWords = withheldOf[resourceType] ?? anyWithheld;
  return (
    <>
      {items.length > 0 && (
        <ul className={css.rows} aria-label={t('Drafts')}>
          {items.map(({ resourceId, title, changedAt }) => (
            <li key={resourceId ?? ''}>
              <button type="button" className={css.row} onClick={() => onOpen(resourceId)} data-testid="draft-row">
                <IconPencil size={14} aria-hidden />
                <span>
                  <span className={css.title}>{title}</span>
                  <span className={css.sub}>
                    {t('Draft from {when}, not saved', { when: formatWhen(changedAt, now) })}
                  </span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {withheld > 0 && (
        <p className={css.withheld} data-testid="drafts-withheld">
          {withheldWords(withheld)}
        </p>
      )}
    </>
  );
}
