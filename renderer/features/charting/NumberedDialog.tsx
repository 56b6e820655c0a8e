import { Button } from '../../parts/Button.tsx';
import { DialogFoot } from '../../parts/Dialog.tsx';
import { t } from '../../words/t.ts';
import { useNumbers } from '../downtime/useNumbers.ts';
import css from './charting.module.css';
import { FormDialog } from './FormDialog.tsx';
import { LabelButton } from './LabelButton.tsx';
import type { NumberedRecord, Who } from './write.ts';

interface Props {
  readonly record: NumberedRecord;
  readonly patientId: string;
  readonly who: Who;
  readonly onClose: () => void;
}

/** The number that a record was given, large enough to be copied by hand, and its label. */
export function NumberedDialog({ record, patientId, who, onClose }: Props) {
  const { type, number } = record;
  const numbers = useNumbers();
  const standing = numbers?.[type === 'Encounter' ? 'visit' : 'specimen'] ?? null;
  const title = type === 'Encounter' ? t('Visit number') : t('Specimen number');
  return (
    <FormDialog title={title} who={who} onClose={onClose} testId="numbered">
      <p className={css.number} dir="ltr" data-testid="numbered-number">
        {number}
      </p>
      <p>{t('Nobody else gets this number. Not yet sent: it goes to the EHR once that is back.')}</p>
      {standing?.low && (
        <p className={css.blocked} role="status" data-testid="numbers-low">
          {t('{left, plural, one {# number} other {# numbers}} left on this workstation. Tell IT.', {
            left: standing.left,
          })}
        </p>
      )}
      <DialogFoot>
        <LabelButton patientId={patientId} type={type} id={record.id} title={number} main />
        <Button onClick={onClose} data-testid="numbered-close">
          {t('Close')}
        </Button>
      </DialogFoot>
    </FormDialog>
  );
}
