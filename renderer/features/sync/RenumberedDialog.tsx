import type { Duplicate } from '../../../preload/contract/sync.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import { t } from '../../words/t.ts';
import charting from '../charting/charting.module.css';
import { LabelButton } from '../charting/LabelButton.tsx';
import css from './changes.module.css';
import { whose } from './changeWords.ts';

/** A record that has another number by now. */
export interface Renumbered {
  /** As it was before. */
  readonly item: Duplicate;
  readonly id: string;
  readonly number: string;
}

interface Props {
  readonly renumbered: Renumbered;
  readonly onClose: () => void;
}

/** The number that a record has from now on, and that the label with the one of before is to go. */
export function RenumberedDialog({ renumbered: { item, id, number }, onClose }: Props) {
  const { patientId, resourceType: type, number: before } = item;
  return (
    <Dialog title={t('Another number: print the label anew')} onClose={onClose} testId="renumbered">
      <p>
        <strong>
          <bdi>{whose(item)}</bdi>
        </strong>
      </p>
      <p className={charting.number} dir="ltr" data-testid="renumbered-number">
        {number}
      </p>
      <p className={css.void} role="alert" data-testid="renumbered-void">
        {t('The label {numbers} is void: destroy it.', { numbers: before })}
      </p>
      <p>
        {t(
          'Put the new label in its place, and write the new number on each paper that has the old one. The chart shows both.',
        )}
      </p>
      <DialogFoot>
        <LabelButton patientId={patientId} type={type} id={id} title={number} main />
        <Button onClick={onClose} data-testid="renumbered-close">
          {t('Close')}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
