import { useState } from 'react';
import { useLeave } from '../../app/leaving.tsx';
import { t } from '../../words/t.ts';
import css from '../charting/charting.module.css';
import { FormDialog } from '../charting/FormDialog.tsx';
import type { Who } from '../charting/write.ts';
import { DraftGate, type DraftOf } from '../drafts/DraftGate.tsx';
import { type FormCorrection, FormFill } from './FormFill.tsx';
import { FormList } from './FormList.tsx';
import './formErrors.ts';

interface Props {
  readonly patientId: string;
  readonly who: Who;
  readonly now: Date;
  /** Why nothing may be written in this chart, as a sentence; null where it may. */
  readonly blocked: string | null;
  /** A rejected response that is corrected. */
  readonly correction?: FormCorrection;
  readonly onSaved: () => void;
  readonly onClose: () => void;
}

/** Forms of the organisation: one is chosen and filled in. What is typed is kept as a draft, of one form at a time. */
export function FormsDialog({ patientId, who, now, blocked, correction, onSaved, onClose }: Props) {
  const leave = useLeave();
  const [wasBlocked] = useState(blocked !== null);
  return (
    <FormDialog
      title={correction ? t('Correct: {title}', { title: correction.title }) : t('Fill in a form')}
      who={who}
      onClose={() => leave(onClose)}
      testId="form-dialog"
    >
      <DraftGate<'QuestionnaireResponse'>
        patientId={patientId}
        resourceType="QuestionnaireResponse"
        resourceId={correction?.resourceId ?? null}
        {...(correction && { heading: t('Correct: {title}', { title: correction.title }) })}
        obstacle={() => blocked}
      >
        {(draft) =>
          wasBlocked ? (
            <p className={css.blocked} role="alert" data-testid="write-blocked">
              {blocked}
            </p>
          ) : (
            <Chosen {...{ patientId, draft, now, correction, onSaved, onClose }} />
          )
        }
      </DraftGate>
    </FormDialog>
  );
}

interface ChosenProps extends Omit<Props, 'who' | 'blocked' | 'correction'> {
  readonly correction: FormCorrection | undefined;
  readonly draft: DraftOf<'QuestionnaireResponse'> | null;
}

function Chosen({ draft, ...about }: ChosenProps) {
  const [formId, setFormId] = useState(draft?.body.formId ?? about.correction?.rejected.formId ?? null);
  if (formId === null) return <FormList patientId={about.patientId} onChoose={setFormId} onClose={about.onClose} />;
  return <FormFill key={`${about.patientId} ${formId}`} {...about} formId={formId} draft={draft} />;
}
