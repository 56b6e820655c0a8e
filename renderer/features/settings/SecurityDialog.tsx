import { type FormEvent, type ReactNode, useEffect, useId, useState } from 'react';
import type { Result } from '../../../preload/contract/channel.ts';
import type { Strength } from '../../../preload/contract/session.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import fields from '../../parts/fields.module.css';
import meter from '../../parts/strength.module.css';
import { createStrengthWatch, strengthWords } from '../../parts/strength.ts';
import { t } from '../../words/t.ts';
import css from './security.module.css';

export interface SecurityProps {
  /** Asks first where something is unsaved. */
  readonly leave: (go: () => void) => void;
  /** Shows what the organisation has decided. */
  readonly onManaged: () => void;
  readonly onClose: () => void;
}

type Place = 'choice' | 'passphrase' | 'changed' | 'keys';

/** What a clinician can do about her own passphrase and the keys of this workstation. */
export default function SecurityDialog({ leave, onManaged, onClose }: SecurityProps) {
  const [place, setPlace] = useState<Place>('choice');
  if (place === 'passphrase') return <ChangeDialog onDone={() => setPlace('changed')} onClose={onClose} />;
  if (place === 'keys') return <RotateDialog onClose={onClose} />;
  if (place === 'changed') return <ChangedDialog onClose={onClose} />;
  return (
    <Dialog title={t('Passphrase and keys')} onClose={onClose} testId="security-dialog">
      <div className={css.choices}>
        <Button
          kind="main"
          size="large"
          autoFocus
          onClick={() => setPlace('passphrase')}
          data-testid="security-passphrase"
        >
          {t('Change the passphrase…')}
        </Button>
        <p className="wl-muted">{t('For this workstation only. Takes a moment; nothing is encrypted again.')}</p>
        <Button size="large" onClick={() => leave(() => setPlace('keys'))} data-testid="security-keys">
          {t('Change the keys…')}
        </Button>
        <p className="wl-muted">
          {t(
            'Encrypts the records on this workstation again under new keys. When somebody may have got hold of the old ones, or IT asks for it.',
          )}
        </p>
        <Button size="large" onClick={onManaged} data-testid="security-managed">
          {t('Settings of your organisation…')}
        </Button>
        <p className="wl-muted">{t('What IT has decided for this workstation. Only IT can change it.')}</p>
      </div>
      <DialogFoot>
        <Button onClick={onClose}>{t('Close')}</Button>
      </DialogFoot>
    </Dialog>
  );
}

function ChangedDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title={t('The passphrase was changed')} onClose={onClose} testId="passphrase-changed">
      <p>{t('From now on only the new one opens this workstation. The old one opens nothing.')}</p>
      <DialogFoot>
        <Button kind="main" autoFocus onClick={onClose}>
          {t('Close')}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}

function ChangeDialog({ onDone, onClose }: { readonly onDone: () => void; readonly onClose: () => void }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [repeat, setRepeat] = useState('');
  const strength = useStrength(next);
  const [mismatch, setMismatch] = useState(false);
  const change = () => bridge().session.changePassphrase({ current, next });
  const check = () => {
    setMismatch(next !== repeat);
    return next === repeat;
  };
  return (
    <CountedDialog
      title={t('Change the passphrase')}
      deed={t('Change')}
      call={change}
      check={check}
      onDone={onDone}
      onClose={onClose}
    >
      <Passphrase label={t('Passphrase now')} value={current} onChange={setCurrent} testId="change-current" autoFocus />
      <Passphrase
        label={t('New passphrase')}
        isNew
        value={next}
        onChange={setNext}
        said={strengthWords(strength, next)}
        testId="change-next"
      />
      <Meter strength={next === '' ? null : strength} />
      <Passphrase
        label={t('New passphrase again')}
        isNew
        value={repeat}
        onChange={setRepeat}
        wrong={mismatch ? t('The two passphrases are not the same.') : undefined}
        testId="change-repeat"
      />
    </CountedDialog>
  );
}

function RotateDialog({ onClose }: { readonly onClose: () => void }) {
  const [passphrase, setPassphrase] = useState('');
  const rotate = () => bridge().session.rotateKey({ passphrase });
  return (
    <CountedDialog
      title={t('Change the keys')}
      deed={t('Change the keys')}
      call={rotate}
      onDone={onClose}
      onClose={onClose}
    >
      <p>
        {t(
          'Wardlight closes the records, encrypts them again, and opens them by itself. A large store takes some minutes, in which nothing can be read. Your passphrase stays the same, and your unsent work is kept.',
        )}
      </p>
      <Passphrase
        label={t('Passphrase')}
        value={passphrase}
        onChange={setPassphrase}
        testId="rotate-passphrase"
        autoFocus
      />
    </CountedDialog>
  );
}

interface CountedProps {
  readonly title: string;
  readonly deed: string;
  readonly call: () => Promise<Result<unknown>>;
  /** What can be seen to be wrong without asking main. */
  readonly check?: () => boolean;
  readonly onDone: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A dialog that asks for the passphrase: a wrong one counts as at the unlock, and the dialog says so. */
function CountedDialog({ title, deed, call, check, onDone, onClose, children }: CountedProps) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy || check?.() === false) return;
    setBusy(true);
    setFailure(null);
    const first = event.currentTarget.querySelector('input');
    const code = await codeOf(call());
    setBusy(false);
    if (code === null) return onDone();
    setFailure(code);
    // Selected, so that typing replaces it.
    if (code === 'passphrase-wrong') first?.select();
  };
  return (
    <Dialog title={title} onClose={onClose} testId="security-form">
      <form className={fields.form} onSubmit={submit} noValidate>
        {children}
        {failure && <FailureAlert code={failure} />}
        {failure === 'passphrase-wrong' && (
          <p className="wl-muted">{t('Wrong passphrases count here as they do at the unlock.')}</p>
        )}
        <DialogFoot said={busy ? t('Working…') : undefined}>
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button kind="main" type="submit" busy={busy} data-testid="security-submit">
            {deed}
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}

interface PassphraseProps {
  readonly label: string;
  readonly isNew?: boolean;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly said?: string;
  readonly wrong?: string | undefined;
  readonly testId: string;
  readonly autoFocus?: boolean;
}

function Passphrase({
  label,
  isNew = false,
  value,
  onChange,
  said,
  wrong,
  testId,
  autoFocus = false,
}: PassphraseProps) {
  const id = useId();
  const described = said || wrong ? `${id}-said` : undefined;
  return (
    <div className={fields.field}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="password"
        className={fields.input}
        value={value}
        maxLength={256}
        autoComplete={isNew ? 'new-password' : 'current-password'}
        spellCheck={false}
        // biome-ignore lint/a11y/noAutofocus: the first field is what the dialog is opened for
        autoFocus={autoFocus}
        aria-describedby={described}
        aria-invalid={wrong ? true : undefined}
        onChange={(event) => onChange(event.currentTarget.value)}
        data-testid={testId}
      />
      {described && (
        <p id={described} className={wrong ? fields.wrong : 'wl-muted'} role={wrong ? 'alert' : undefined}>
          {wrong ?? said}
        </p>
      )}
    </div>
  );
}

function Meter({ strength }: { readonly strength: Strength | null }) {
  return (
    <div className={meter.meter} data-enough={strength?.enough ?? false} aria-hidden>
      {[1, 2, 3, 4].map((bar) => (
        <span key={bar} data-on={(strength?.score ?? 0) >= bar} />
      ))}
    </div>
  );
}

function useStrength(passphrase: string): Strength | null {
  const [strength, setStrength] = useState<Strength | null>(null);
  const [watch] = useState(() => createStrengthWatch(setStrength));
  useEffect(() => watch.typed(passphrase), [watch, passphrase]);
  useEffect(() => watch.end, [watch]);
  return strength;
}
