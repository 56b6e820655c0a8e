import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { DraftType } from '../../../preload/contract/drafts.ts';
import { bridge, unwrap } from '../../app/bridge.ts';
import { flushed } from '../../app/flushing.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { formatWhen } from '../../parts/dates.ts';
import css from './drafts.module.css';

interface Props {
  readonly patientId: string;
  readonly resourceType: DraftType;
  readonly now: Date;
  /** Opens the editor of a record, or of a new one. */
  readonly onOpen: (resourceId: string | null) => void;
}

const RECORD: Partial<Record<DraftType, { one: string; more: string }>> = {
  DocumentReference: { one: 'its note', more: 'their notes' },
  Observation: { one: 'its value', more: 'their values' },
};
const ANY = { one: 'its record', more: 'their records' };

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
  const { one, more } = RECORD[resourceType] ?? ANY;
  return (
    <>
      {items.length > 0 && (
        <ul className={css.rows} aria-label="Drafts">
          {items.map(({ resourceId, title, changedAt }) => (
            <li key={resourceId ?? ''}>
              <button type="button" className={css.row} onClick={() => onOpen(resourceId)} data-testid="draft-row">
                <IconPencil size={14} aria-hidden />
                <span>
                  <span className={css.title}>{title}</span>
                  <span className={css.sub}>Draft from {formatWhen(changedAt, now)}, not saved</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {withheld > 0 && (
        <p className={css.withheld} data-testid="drafts-withheld">
          {withheld === 1 ? `A draft is withheld: ${one}` : `${withheld} drafts are withheld: ${more}`} may not be seen
          now. {withheld === 1 ? 'It is' : 'They are'} kept, and shown again when you may.
        </p>
      )}
    </>
  );
}
