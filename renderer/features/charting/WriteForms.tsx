import { FormsDialog } from '../forms/FormsDialog.tsx';
import { RecordVitalDialog } from '../vitals/RecordVitalDialog.tsx';
import { allergyForm } from './allergyForm.ts';
import { ChangeDialog } from './ChangeDialog.tsx';
import { CorrectDialog } from './CorrectDialog.tsx';
import type { Form } from './formTypes.ts';
import { immunizationForm } from './immunizationForm.ts';
import { medicationForm } from './medicationForm.ts';
import { NoKnownAllergies } from './NoKnownAllergies.tsx';
import { NumberedDialog } from './NumberedDialog.tsx';
import { problemForm } from './problemForm.ts';
import { RecordForm } from './RecordForm.tsx';
import { specimenForm } from './specimenForm.ts';
import { taskForm } from './taskForm.ts';
import { visitForm } from './visitForm.ts';
import { WithdrawItem } from './WithdrawItem.tsx';
import { type Writable, WriteMenu } from './WriteMenu.tsx';
import type { RecordKind, Who, Write, WriteForm } from './write.ts';

const FORMS: Readonly<Record<RecordKind, Form>> = {
  allergy: allergyForm,
  problem: problemForm,
  medication: medicationForm,
  immunization: immunizationForm,
  task: taskForm,
  visit: visitForm,
  specimen: specimenForm,
};

interface Props extends Pick<Write, 'patientId' | 'blocked'> {
  readonly form: WriteForm;
  readonly who: Who;
  readonly now: Date;
  readonly onChoose: (what: Writable) => void;
  /** Something was saved: it is in the chart, as not yet sent. */
  readonly onSaved: (next?: WriteForm) => void;
  readonly onClose: () => void;
}

/** The form of the chart that is open. */
export default function WriteForms({ form, blocked, onChoose, ...about }: Props) {
  const { patientId, who, onClose } = about;
  const { kind } = form;
  if (isRecordKind(kind)) return <RecordForm key={kind} {...about} blocked={blocked} form={FORMS[kind]} />;
  if (kind === 'questionnaire') return <FormsDialog {...about} blocked={blocked} />;
  if (form.kind === 'correct')
    return <CorrectDialog key={form.record.id} {...about} blocked={blocked} forms={FORMS} record={form.record} />;
  if (form.kind === 'numbered') return <NumberedDialog {...about} record={form.record} />;
  // Nothing is begun that may not be saved.
  if (form.kind === 'menu' || blocked !== null)
    return <WriteMenu who={who} blocked={blocked} onChoose={onChoose} onClose={onClose} />;
  if (form.kind === 'vital')
    return <RecordVitalDialog patientId={patientId} patient={`${who.name}, ${who.identity}`} onClose={onClose} />;
  if (form.kind === 'no-known-allergies') return <NoKnownAllergies {...about} />;
  if (form.kind === 'change') return <ChangeDialog {...about} item={form.item} />;
  if (form.kind === 'withdraw') return <WithdrawItem {...about} item={form.item} />;
  return null;
}

function isRecordKind(kind: WriteForm['kind']): kind is RecordKind {
  return kind in FORMS;
}
