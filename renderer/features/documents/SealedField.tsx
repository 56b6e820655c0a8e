import { IconLockOpen } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { Bridge } from '../../../preload/contract/index.ts';
import { errorWords } from '../../app/errors.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import './documentErrors.ts';
import { t } from '../../words/t.ts';
import css from './sealed.module.css';

/** How a field that is encrypted stands in its view. */
export interface FieldLook {
  /** What stands in its place as long as it is masked. */
  readonly masked?: string;
  /** In a line there is no room for what the button does besides; its title says it. */
  readonly brief?: boolean;
  /** It was opened. */
  readonly onShown?: (texts: readonly string[]) => void;
}

type Answer = ReturnType<Bridge['sealed']['reveal']>;

interface Props extends FieldLook {
  /** Of what is shown: with another one it is masked again. */
  readonly field: string;
  /** Each path by itself: what can't be opened of one is said of the whole, so that no part seems to be all. */
  readonly open: readonly (() => Answer)[];
}

const REVEAL = t('Show, and record that it was shown');

type Shown = { readonly texts: readonly string[] } | { readonly code: string };

/**
 * A field that is encrypted within a record, opened when somebody asks. What was opened is kept here alone, and is gone
 * with this view.
 */
export default function SealedField({ field, open, masked = '', brief = false, onShown }: Props) {
  const [shown, setShown] = useState<Shown | null>(null);
  const [busy, setBusy] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another field is masked again
  useEffect(() => setShown(null), [field]);

  async function reveal(): Promise<void> {
    setBusy(true);
    const opened = await openAll(open).catch(() => ({ code: 'internal' }));
    setBusy(false);
    setShown(opened);
    if ('texts' in opened) onShown?.(opened.texts);
  }

  if (shown && 'texts' in shown)
    return (
      <span
        className={brief ? css.brief : undefined}
        title={brief ? shown.texts.join('\n') : undefined}
        data-testid="sealed-text"
      >
        {shown.texts.join(brief ? ' · ' : '\n')}
      </span>
    );
  return (
    <>
      {masked && <span className="wl-muted">{masked} </span>}
      <Button
        icon={<IconLockOpen size={14} aria-hidden />}
        {...(brief && { size: 'tiny' as const, title: REVEAL })}
        busy={busy}
        onClick={reveal}
        data-testid="sealed-reveal"
      >
        {brief ? t('Show') : REVEAL}
      </Button>
      {shown && (brief ? <BriefError code={shown.code} /> : <ErrorState code={shown.code} />)}
    </>
  );
}

async function openAll(open: Props['open']): Promise<Shown> {
  const texts: string[] = [];
  for (const one of open) {
    const answer = await one();
    if (!answer.ok) return { code: answer.error.code };
    texts.push(...answer.value.texts);
  }
  return { texts };
}

/** The title alone, and the rest where somebody points at it. */
function BriefError({ code }: { readonly code: string }) {
  const { title, means, act } = errorWords(code);
  return (
    <span className={css.briefError} role="alert" title={`${means} ${act} (${code})`} data-code={code}>
      {title}
    </span>
  );
}
