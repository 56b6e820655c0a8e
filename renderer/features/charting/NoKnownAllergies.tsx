import type { FormEvent } from 'react';
import { bridge } from '../../app/bridge.ts';
import { Button } from '../../parts/Button.tsx';
import { DialogFoot } from '../../parts/Dialog.tsx';
import fieldCss from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import { FormDialog } from './FormDialog.tsx';
import { SaveFailure } from './SaveFailure.tsx';
import { useSaving } from './useSaving.ts';
import type { Who } from './write.ts';

interface Props {
  readonly patientId: string;
  readonly who: Who;
  readonly onSaved: () => void;
  readonly onClose: () => void;
}

/** The coded statement (design rule 7): somebody has asked, and there are none. */
export function NoKnownAllergies({ patientId, who, onSaved, onClose }: Props) {
  const { busy, failure, save } = useSaving();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await save(() => bridge().charting.recordNoKnownAllergies({ patientId }))) onSaved();
  };
  return (
    <FormDialog title={t('Record that no allergies are known')} who={who} onClose={onClose} testId="no-known-dialog">
      <form className={fieldCss.form} onSubmit={submit}>
        <p>
          {t(
            'You say that the patient, or somebody who knows, was asked, and that no allergy or intolerance of any kind is known. Everybody will rely on it.',
          )}
        </p>
        <SaveFailure failure={failure} />
        <DialogFoot>
          <Button onClick={onClose} autoFocus data-testid="form-cancel">
            {t('Cancel')}
          </Button>
          <Button kind="main" type="submit" busy={busy} data-testid="form-save">
            {t('No known allergies')}
          </Button>
        </DialogFoot>
      </form>
    </FormDialog>
  );
}
