import { Progress } from '@mantine/core';
import { type FormEvent, useId, useState } from 'react';
import type { DocumentKind, Transfer } from '../../../preload/contract/documents.ts';
import type { Response } from '../../../preload/contract/index.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import fields from '../../parts/fields.module.css';
import css from './documents.module.css';
import { FILE_WORDS, formatSize, KIND_WORDS, LIKELY, percentOf, transferWords } from './documentWords.ts';

type Picked = NonNullable<
  Response<typeof import('../../../preload/contract/documents.ts')['documents']['calls']['pick']>
>;

/** The contract's bound: its file would bring the schemas into the page. */
const TITLE_MAX = 200;

/** What has come of the operating system's dialog: nothing yet, a file, or why it is not taken. */
type Picking =
  | { readonly kind: 'none' | 'asking' }
  | { readonly kind: 'picked'; readonly file: Picked }
  | { readonly kind: 'refused'; readonly code: string };

/** Lets the operating system ask for a file. The page never sees what is in it. */
export function usePick(patientId: string): { pick: Picking; ask: () => void; forget: () => void } {
  const [pick, setPick] = useState<Picking>({ kind: 'none' });
  const ask = async () => {
    if (pick.kind === 'asking') return;
    setPick({ kind: 'asking' });
    const answer = await bridge()
      .documents.pick({ patientId })
      .catch(() => ({ ok: false as const, error: { code: 'internal' } }));
    if (!answer.ok) setPick({ kind: 'refused', code: answer.error.code });
    // Whoever closes the dialog has changed her mind.
    else setPick(answer.value ? { kind: 'picked', file: answer.value } : { kind: 'none' });
  };
  return { pick, ask: () => void ask(), forget: () => setPick({ kind: 'none' }) };
}

interface Props {
  readonly patientId: string;
  readonly patientName: string;
  readonly pick: Picking;
  /** The patient's files that are on their way: the one that is being encrypted is among them. */
  readonly transfers: readonly Transfer[];
  readonly onAttached: () => void;
  readonly onClose: () => void;
}

/** Asks what a picked file is, or says why it isn't taken. */
export function AttachFile({ patientId, patientName, pick, transfers, onAttached, onClose }: Props) {
  if (pick.kind === 'refused') return <NotTaken code={pick.code} onClose={onClose} />;
  if (pick.kind !== 'picked') return null;
  return (
    <AttachForm
      patientId={patientId}
      patientName={patientName}
      picked={pick.file}
      encrypting={transfers.find(({ state }) => state === 'encrypting') ?? null}
      onAttached={() => {
        onAttached();
        onClose();
      }}
      onClose={onClose}
    />
  );
}

function NotTaken({ code, onClose }: { readonly code: string; readonly onClose: () => void }) {
  return (
    <Dialog title="This file was not attached" onClose={onClose} testId="attach-refused">
      <div className={fields.form}>
        <FailureAlert code={code} />
        <DialogFoot>
          <Button onClick={onClose} autoFocus>
            Close
          </Button>
        </DialogFoot>
      </div>
    </Dialog>
  );
}

interface FormProps extends Pick<Props, 'patientId' | 'patientName' | 'onAttached' | 'onClose'> {
  readonly picked: Picked;
  readonly encrypting: Transfer | null;
}

function AttachForm({ patientId, patientName, picked, encrypting, onAttached, onClose }: FormProps) {
  const id = useId();
  const [kind, setKind] = useState<DocumentKind>(LIKELY[picked.kind]);
  const [title, setTitle] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const name = KIND_WORDS.find((one) => one.kind === kind)?.name ?? '';

  const attach = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFailure(null);
    const request = { patientId, pickId: picked.pickId, kind, title: title.trim() || name };
    const code = await codeOf(bridge().documents.attach(request));
    setBusy(false);
    if (code === null) onAttached();
    else setFailure(code);
  };
  const stop = () => {
    if (!busy) return onClose();
    // What becomes of it is told by the answer of `attach`.
    if (encrypting) void codeOf(bridge().documents.cancel({ id: encrypting.id }));
  };
  return (
    <Dialog title="Attach a file" onClose={stop} asks={busy} testId="attach-dialog">
      <p>
        To the chart of <strong>{patientName}</strong>
      </p>
      <form className={fields.form} onSubmit={attach}>
        <p className={css.file}>
          <strong>{picked.name}</strong>
          <span className={css.sub}>
            {FILE_WORDS[picked.kind]} · {formatSize(picked.size)}
          </span>
        </p>
        <div className={fields.field}>
          <label htmlFor={`${id}-kind`}>What it is</label>
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
          <label htmlFor={`${id}-title`}>Title in the chart</label>
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
        <DialogFoot said={<span className={css.sub}>Encrypted before it is stored or sent</span>}>
          <Button onClick={stop} data-testid="attach-cancel">
            {busy ? 'Stop' : 'Cancel'}
          </Button>
          <Button kind="main" type="submit" busy={busy} data-testid="attach-confirm">
            Attach
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}

function Encrypting({ transfer }: { readonly transfer: Transfer | null }) {
  const words = transfer ? transferWords(transfer, true) : 'Encrypting';
  return (
    <div role="status" data-testid="attach-progress">
      <Progress.Root size={8} radius="sm">
        <Progress.Section value={transfer ? percentOf(transfer) : 0} aria-label="Encrypting" aria-valuetext={words} />
      </Progress.Root>
      <span className={`${css.sub} wl-numbers`}>{words}</span>
    </div>
  );
}
