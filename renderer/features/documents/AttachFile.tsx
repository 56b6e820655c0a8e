import { Progress } from '@mantine/core';
import { type FormEvent, useId, useState } from 'react';
import type { DocumentKind, Transfer } from '../../../preload/contract/documents.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import fields from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import css from './documents.module.css';
import { FILE_WORDS, formatSize, KIND_WORDS, LIKELY, percentOf, transferWords } from './documentWords.ts';
import type { Origin, Picked, Taking } from './taking.ts';

/** The contract's bound: its file would bring the schemas into the page. */
const TITLE_MAX = 200;

interface Props {
  readonly patientId: string;
  readonly patientName: string;
  readonly taking: Taking;
  /** The patient's files that are on their way: the one that is being encrypted is among them. */
  readonly transfers: readonly Transfer[];
  readonly onAttached: () => void;
  /** It is attached, and another one is to be photographed or scanned. */
  readonly onAnother: () => void;
  readonly onClose: () => void;
}

/** Asks what a picked file is, or says why it isn't taken. */
export function AttachFile({ taking, transfers, ...rest }: Props) {
  if (taking.kind === 'refused') return <NotTaken code={taking.code} from={taking.from} onClose={rest.onClose} />;
  if (taking.kind !== 'picked') return null;
  const encrypting = transfers.find(({ state }) => state === 'encrypting') ?? null;
  return <AttachForm {...rest} picked={taking.file} from={taking.from} encrypting={encrypting} />;
}

const PROMISE = t('Encrypted before it is stored or sent');

const WORDS: Readonly<Record<Origin, { readonly title: string; readonly refused: string }>> = {
  file: { title: t('Attach a file'), refused: t('This file was not attached') },
  camera: { title: t('Attach a photo'), refused: t('No photo was attached') },
  scanner: { title: t('Attach a scanned page'), refused: t('No page was attached') },
};

interface NotTakenProps {
  readonly code: string;
  readonly from: Origin;
  readonly onClose: () => void;
}

function NotTaken({ code, from, onClose }: NotTakenProps) {
  return (
    <Dialog title={WORDS[from].refused} onClose={onClose} testId="attach-refused">
      <div className={fields.form}>
        <FailureAlert code={code} />
        <DialogFoot>
          <Button onClick={onClose} autoFocus>
            {t('Close')}
          </Button>
        </DialogFoot>
      </div>
    </Dialog>
  );
}

interface FormProps extends Omit<Props, 'taking' | 'transfers'> {
  readonly picked: Picked;
  readonly from: Origin;
  readonly encrypting: Transfer | null;
}

function AttachForm({ patientId, patientName, picked, from, encrypting, ...then }: FormProps) {
  const id = useId();
  const [kind, setKind] = useState<DocumentKind>(from === 'scanner' ? 'scan' : LIKELY[picked.kind]);
  const [title, setTitle] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const name = KIND_WORDS.find((one) => one.kind === kind)?.name ?? '';

  const attach = async (onAttached: () => void) => {
    if (busy) return;
    setBusy(true);
    setFailure(null);
    const request = { patientId, pickId: picked.pickId, kind, title: title.trim() || name };
    const code = await codeOf(bridge().documents.attach(request));
    setBusy(false);
    if (code === null) onAttached();
    else setFailure(code);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attach(then.onAttached);
  };
  const stop = () => {
    if (!busy) return then.onClose();
    // What becomes of it is told by the answer of `attach`.
    if (encrypting) void codeOf(bridge().documents.cancel({ id: encrypting.id }));
  };
  return (
    <Dialog title={WORDS[from].title} onClose={stop} asks={busy} testId="attach-dialog">
      <p>
        {t('To the chart of')} <strong>{patientName}</strong>
      </p>
      <form className={fields.form} onSubmit={submit}>
        <p className={css.file}>
          <strong>{picked.name}</strong>
          <span className={css.sub}>
            {FILE_WORDS[picked.kind]} · {formatSize(picked.size)}
            {from !== 'file' && ` · ${PROMISE.toLowerCase()}`}
          </span>
        </p>
        <div className={fields.field}>
          <label htmlFor={`${id}-kind`}>{t('What it is')}</label>
          <select
            id={`${id}-kind`}
            className={fields.input}
            value={kind}
            disabled={busy}
            onChange={(event) => setKind(event.currentTarget.value as DocumentKind)}
            data-testid="attach-kind"
          >
            {KIND_WORDS.map((one) => (
              <option key={one.kind} value={one.kind}>
                {one.name}
              </option>
            ))}
          </select>
        </div>
        <div className={fields.field}>
          <label htmlFor={`${id}-title`}>{t('Title in the chart')}</label>
          <input
            id={`${id}-title`}
            className={fields.input}
            value={title}
            placeholder={name}
            maxLength={TITLE_MAX}
            disabled={busy}
            onChange={(event) => setTitle(event.currentTarget.value)}
            data-testid="attach-title"
          />
        </div>
        {busy && <Encrypting transfer={encrypting} />}
        {failure && <FailureAlert code={failure} />}
        <DialogFoot said={from === 'file' && <span className={css.sub}>{PROMISE}</span>}>
          <Button onClick={stop} data-testid="attach-cancel">
            {busy ? t('Stop') : t('Cancel')}
          </Button>
          {from !== 'file' && (
            <Button busy={busy} onClick={() => void attach(then.onAnother)} data-testid="attach-another">
              {from === 'camera' ? t('Attach and take another') : t('Attach and scan another')}
            </Button>
          )}
          <Button kind="main" type="submit" busy={busy} data-testid="attach-confirm">
            {t('Attach')}
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}

function Encrypting({ transfer }: { readonly transfer: Transfer | null }) {
  const words = transfer ? transferWords(transfer, true) : t('Encrypting');
  return (
    <div role="status" data-testid="attach-progress">
      <Progress.Root size={8} radius="sm">
        <Progress.Section
          value={transfer ? percentOf(transfer) : 0}
          aria-label={t('Encrypting')}
          aria-valuetext={words}
        />
      </Progress.Root>
      <span className={`${css.sub} wl-numbers`}>{words}</span>
    </div>
  );
}
