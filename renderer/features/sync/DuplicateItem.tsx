import { useId, useState } from 'react';
import type { Duplicate } from '../../../preload/contract/sync.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button, PlainButton } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import { formatWhen } from '../../parts/dates.ts';
import fields from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import '../charting/chartingErrors.ts';
import css from './changes.module.css';
import { whose } from './changeWords.ts';
import { likenessWords } from './duplicateWords.ts';
import type { Renumbered } from './RenumberedDialog.tsx';

interface Props {
  readonly item: Duplicate;
  readonly now: Date;
  readonly onChart: (patientId: string) => void;
  /** It has another number, and is nobody else's any longer. */
  readonly onRenumbered: (renumbered: Renumbered) => void;
}

/** One record that may be there twice: what is alike, and what can be done about it. */
export function DuplicateItem({ item, now, onChart, onRenumbered }: Props) {
  const { id, title, patientId, madeAt, withheld, kind, versionId } = item;
  const [failure, setFailure] = useState<string | null>(null);
  const [marking, setMarking] = useState(false);
  const name = whose(item);
  const about = `${title}, ${name}`;
  const isSent = versionId !== '';
  const keep = async () => setFailure(await codeOf(bridge().sync.keepBoth({ id })));
  const renumber = async () => {
    const { resourceType: type, resourceId } = item;
    const asked = bridge().charting.renumber({ patientId, id: resourceId, versionId, type });
    const answer = await asked.catch(() => ({ ok: false as const, error: { code: 'internal' } }));
    if (answer.ok) onRenumbered({ item, ...answer.value });
    else setFailure(answer.error.code);
  };
  return (
    <li className={css.item} data-state="conflict" data-testid="duplicate" data-kind={kind}>
      <div className={css.what}>
        <p>
          <strong>{title}</strong>
        </p>
        <p className={css.sub}>
          <PlainButton className={css.patient} onClick={() => onChart(patientId)} title={t('Open the chart')}>
            <bdi>{name}</bdi>
          </PlainButton>
          {` · ${t('written {when}', { when: formatWhen(madeAt, now) })}`}
        </p>
        {!withheld && <p data-testid="duplicate-words">{likenessWords(item)}</p>}
        {!withheld && !isSent && <p className={css.sub}>{t('It was not sent. To give it up, withdraw it below.')}</p>}
        {failure && <FailureAlert code={failure} />}
      </div>
      <div className={css.actions}>
        {!withheld && !isSent && kind === 'other-patient' && (
          <Button
            kind="main"
            onClick={() => void renumber()}
            aria-label={t('Give it another number: {about}', { about })}
            data-testid="duplicate-renumber"
          >
            {t('Give it another number')}
          </Button>
        )}
        {!withheld && isSent && (
          <Button
            onClick={() => setMarking(true)}
            aria-label={t('Mark mine as an error: {about}', { about })}
            data-testid="duplicate-error"
          >
            {t('Mark mine as an error')}
          </Button>
        )}
        {!withheld && isSent && (
          <Button
            onClick={() => void keep()}
            aria-label={t('Keep both: {about}', { about })}
            data-testid="duplicate-keep"
          >
            {t('Keep both')}
          </Button>
        )}
      </div>
      {marking && <ErrorDialog item={item} onClose={() => setMarking(false)} />}
    </li>
  );
}

const REASON_MAX = 1_000;

/** Why one's own was a mistake: it stays in the record, marked so. */
function ErrorDialog({ item, onClose }: { readonly item: Duplicate; readonly onClose: () => void }) {
  const id = useId();
  const { patientId, resourceType: type, resourceId, versionId, title } = item;
  const [reason, setReason] = useState(t('Registered twice in a downtime'));
  const [failure, setFailure] = useState<string | null>(null);
  const mark = async () => {
    const answer = bridge().charting.markEnteredInError({ patientId, id: resourceId, versionId, type, reason });
    const code = await codeOf(answer);
    if (code === null) onClose();
    else setFailure(code);
  };
  return (
    <Dialog title={t('Mark as an error: {title}', { title })} onClose={onClose} testId="duplicate-dialog">
      <p>
        <strong>
          <bdi>{whose(item)}</bdi>
        </strong>
      </p>
      <p>{t('It should never have been recorded. It stays in the record, marked as an error.')}</p>
      <div className={fields.form}>
        <div className={fields.field}>
          <label htmlFor={id}>{t('Reason')}</label>
          <input
            id={id}
            className={fields.input}
            value={reason}
            maxLength={REASON_MAX}
            onChange={(event) => setReason(event.target.value)}
          />
        </div>
        {failure && <FailureAlert code={failure} />}
      </div>
      <DialogFoot>
        <Button onClick={onClose}>{t('Cancel')}</Button>
        <Button
          kind="danger"
          disabled={reason.trim().length < 2}
          onClick={() => void mark()}
          data-testid="duplicate-confirm"
        >
          {t('Mark as an error')}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
