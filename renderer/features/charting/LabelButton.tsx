import { IconPrinter } from '@tabler/icons-react';
import { useState } from 'react';
import { bridge } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { t } from '../../words/t.ts';
import type { NumberedRecord } from './write.ts';

interface Props extends Pick<NumberedRecord, 'type' | 'id'> {
  readonly patientId: string;
  readonly title: string;
  readonly main?: boolean;
}

/** Prints the label of a record with a number, by the OS's dialog. */
export function LabelButton({ patientId, type, id, title, main = false }: Props) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [said, setSaid] = useState('');
  const print = async () => {
    setBusy(true);
    setFailure(null);
    const answer = await bridge()
      .downtime.printLabel({ patientId, type, id })
      .catch(() => ({ ok: false as const, error: { code: 'internal' } }));
    setBusy(false);
    if (!answer.ok) return setFailure(answer.error.code);
    setSaid(answer.value.printed ? t('Sent to the printer.') : t('Nothing was printed.'));
  };
  return (
    <>
      <Button
        kind={main ? 'main' : 'default'}
        size={main ? 'small' : 'tiny'}
        icon={<IconPrinter size={main ? 16 : 14} aria-hidden />}
        busy={busy}
        onClick={() => void print()}
        aria-label={t('Print label: {title}', { title })}
        data-testid="print-label"
      >
        {t('Print label')}
      </Button>
      <span role="status" data-testid="label-said">
        {said}
      </span>
      {failure && <FailureAlert code={failure} />}
    </>
  );
}
