import { IconLockOpen } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { Contract, Request } from '../../../preload/contract/index.ts';
import { bridge } from '../../app/bridge.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import './documentErrors.ts';

type Field = Request<Contract['sealed']['calls']['reveal']>;

interface Props extends Field {
  /** What it is, as long as it is masked. */
  readonly masked: string;
  /** In a table there is no room for what the button does besides; its title says it. */
  readonly brief?: boolean;
}

const REVEAL = 'Show, and record that it was shown';

type Shown = { readonly texts: readonly string[] } | { readonly code: string };

/**
 * A field that is encrypted within a record, opened when somebody asks. What was opened is kept here alone, and is gone
 * with this view.
 */
export default function SealedField({ patientId, type, id, path, masked, brief = false }: Props) {
  const [shown, setShown] = useState<Shown | null>(null);
  const [busy, setBusy] = useState(false);
  const field = [patientId, type, id, path].join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another field is masked again
  useEffect(() => setShown(null), [field]);

  async function reveal(): Promise<void> {
    setBusy(true);
    const answer = await bridge().sealed.reveal({ patientId, type, id, path });
    setBusy(false);
    setShown(answer.ok ? answer.value : { code: answer.error.code });
  }

  if (shown && 'texts' in shown) return <span data-testid="sealed-text">{shown.texts.join('\n')}</span>;
  return (
    <>
      <span className="wl-muted">{masked} </span>
      <Button
        icon={<IconLockOpen size={14} aria-hidden />}
        {...(brief && { size: 'tiny' as const, title: REVEAL })}
        busy={busy}
        onClick={reveal}
        data-testid="sealed-reveal"
      >
        {brief ? 'Show' : REVEAL}
      </Button>
      {shown && <ErrorState code={shown.code} />}
    </>
  );
}
