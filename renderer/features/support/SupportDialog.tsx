import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { BundlePart, GatheredBundle } from '../../../preload/contract/support.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { recordOptions } from '../../app/queries.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { t } from '../../words/t.ts';
import css from './support.module.css';
import { PARTS } from './supportWords.ts';

/** A support bundle, shown in full before any of it is saved: who gives it away has read it, and may leave parts out. */
export default function SupportDialog({ onClose }: { readonly onClose: () => void }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['support-bundle'],
    queryFn: () => unwrap(bridge().support.gather({})),
    ...recordOptions,
  });
  return (
    <Dialog title={t('Support bundle')} onClose={onClose} wide testId="support-dialog">
      <p>
        {t(
          'What IT needs to find out what is wrong, without anything about patients or about you. This is all of it. Nothing is sent: you save one file, and give it to IT yourself.',
        )}
      </p>
      {data ? (
        <Review bundle={data} onClose={onClose} />
      ) : (
        <>
          <div className={css.parts} aria-busy={!error}>
            {error && <ErrorState code={failureCode(error)} onRetry={() => void refetch()} />}
          </div>
          <DialogFoot said={error ? undefined : t('Putting it together…')}>
            <Button autoFocus onClick={onClose}>
              {t('Cancel')}
            </Button>
          </DialogFoot>
        </>
      )}
    </Dialog>
  );
}

function Review({ bundle, onClose }: { readonly bundle: GatheredBundle; readonly onClose: () => void }) {
  const [left, setLeft] = useState<ReadonlySet<BundlePart>>(new Set());
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const chosen = bundle.parts.map(({ name }) => name).filter((name) => !left.has(name));

  const toggle = (name: BundlePart) => {
    setSaved(false);
    setLeft((before) => new Set(before.has(name) ? [...before].filter((one) => one !== name) : [...before, name]));
  };
  const save = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const answer = await unwrap(bridge().support.save({ id: bundle.id, parts: chosen }));
      setSaved(answer.saved);
    } catch (error) {
      setFailure(failureCode(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <div className={css.parts} data-testid="support-parts">
        {bundle.parts.map((part) => (
          <Part key={part.name} {...part} isIn={!left.has(part.name)} onToggle={() => toggle(part.name)} />
        ))}
      </div>
      {failure && <FailureAlert code={failure} />}
      <DialogFoot said={<Said saved={saved} nothing={chosen.length === 0} />}>
        <Button onClick={onClose}>{saved ? t('Close') : t('Cancel')}</Button>
        {chosen.length > 0 && (
          <Button kind="main" autoFocus busy={busy} onClick={save} data-testid="support-save">
            {t('Save as a file…')}
          </Button>
        )}
      </DialogFoot>
    </>
  );
}

function Said({ saved, nothing }: { readonly saved: boolean; readonly nothing: boolean }) {
  const words = saved ? t('Saved.') : nothing ? t('Nothing is left to save.') : '';
  return (
    <span role="status" data-testid="support-said">
      {words}
    </span>
  );
}

interface PartProps {
  readonly name: BundlePart;
  readonly text: string;
  readonly isIn: boolean;
  readonly onToggle: () => void;
}

/** The text stands in the file as it stands here. */
function Part({ name, text, isIn, onToggle }: PartProps) {
  const id = useId();
  const { title, holds } = PARTS[name];
  return (
    <section className={css.part} aria-labelledby={`${id}-title`} data-out={!isIn || undefined}>
      <label className={css.head}>
        <input
          type="checkbox"
          checked={isIn}
          onChange={onToggle}
          aria-describedby={`${id}-holds`}
          data-testid={`support-part-${name}`}
        />
        <strong id={`${id}-title`}>{title}</strong>
      </label>
      <p id={`${id}-holds`} className="wl-muted">
        {holds}
      </p>
      {isIn && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        <section className={css.text} tabIndex={0} aria-label={holds}>
          <pre lang="en">{text}</pre>
        </section>
      )}
    </section>
  );
}
