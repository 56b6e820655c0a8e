import { useEffect, useState } from 'react';
import type { ParkedRecord } from '../../../preload/contract/charting.ts';
import { bridge } from '../../app/bridge.ts';
import { Button } from '../../parts/Button.tsx';
import { DialogFoot } from '../../parts/Dialog.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { t } from '../../words/t.ts';
import { FormsDialog } from '../forms/FormsDialog.tsx';
import { Rejection } from '../sync/Rejection.tsx';
import { ChangeDialog } from './ChangeDialog.tsx';
import './chartingErrors.ts';
import css from './charting.module.css';
import type { Correction } from './correction.ts';
import { FormDialog } from './FormDialog.tsx';
import type { Form } from './formTypes.ts';
import { RecordForm } from './RecordForm.tsx';
import type { RecordKind, Who, WritableItem, WriteForm } from './write.ts';

interface Props {
  readonly patientId: string;
  readonly who: Who;
  readonly record: Extract<WriteForm, { kind: 'correct' }>['record'];
  readonly forms: Readonly<Record<RecordKind, Form>>;
  readonly now: Date;
  readonly blocked: string | null;
  readonly onSaved: (next?: WriteForm) => void;
  readonly onClose: () => void;
}

type Found =
  | { readonly kind: 'looking' }
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'found'; readonly parked: ParkedRecord };

/** A change that the server has rejected, in the form in which it was written. As long as nothing is saved it stays so. */
export function CorrectDialog({ record, forms, ...about }: Props) {
  const { patientId, who, onClose } = about;
  const { type, id } = record;
  const [found, setFound] = useState<Found>({ kind: 'looking' });
  useEffect(() => {
    let live = true;
    const look = async () => {
      const answer = await bridge()
        .charting.parked({ patientId, type, id })
        .catch(() => ({ ok: false as const, error: { code: 'internal' } }));
      if (live)
        setFound(answer.ok ? { kind: 'found', parked: answer.value } : { kind: 'failed', code: answer.error.code });
    };
    void look();
    return () => {
      live = false;
    };
  }, [patientId, type, id]);

  if (found.kind === 'looking') return null;
  if (found.kind === 'failed')
    return (
      <FormDialog title={t('Correct what was rejected')} who={who} onClose={onClose} testId="correct-failed">
        <ErrorState code={found.code === 'not-found' ? 'not-parked' : found.code} />
        <DialogFoot>
          <Button onClick={onClose}>{t('Close')}</Button>
        </DialogFoot>
      </FormDialog>
    );
  const { parked } = found;
  const { rejected } = parked;
  const correction: Correction = { ...parked, resourceId: id, said: <Reason type={type} parked={parked} /> };
  if (rejected.kind === 'form') return <FormsDialog {...about} correction={{ ...correction, rejected }} />;
  if (rejected.kind !== 'deed') return <RecordForm {...about} form={forms[rejected.kind]} correction={correction} />;
  const item: WritableItem = {
    ...{ type, id, versionId: parked.versionId, title: parked.title },
    ...{ unsent: 'parked', deeds: [rejected.deed] },
  };
  return <ChangeDialog {...about} item={item} correction={{ ...correction, rejected }} />;
}

function Reason({ type, parked: { problem } }: { readonly type: string; readonly parked: ParkedRecord }) {
  return (
    <div className={css.rejected} role="note" data-testid="correct-reason">
      <p>{t('The server has rejected this. What you save takes its place, and is sent with the next sync.')}</p>
      {problem && <Rejection type={type} problem={problem} />}
    </div>
  );
}
