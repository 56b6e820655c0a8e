import { IconPrinter } from '@tabler/icons-react';
import { useState } from 'react';
import { bridge } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { t } from '../../words/t.ts';
import css from './downtime.module.css';
import { useNumbers } from './useNumbers.ts';

/** Numbers for paper: those that are printed belong to that sheet. Nothing where this workstation has none. */
export function PaperNumbers() {
  const [turn, setTurn] = useState(0);
  const numbers = useNumbers(turn);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [said, setSaid] = useState('');
  if (!numbers) return null;
  const { visit, specimen, perSheet, known } = numbers;
  const print = async () => {
    setBusy(true);
    setFailure(null);
    const answer = await bridge()
      .downtime.printNumbers({})
      .catch(() => ({ ok: false as const, error: { code: 'internal' } }));
    setBusy(false);
    setTurn((before) => before + 1);
    if (!answer.ok) return setFailure(answer.error.code);
    setSaid(
      answer.value.printed
        ? t('Sent to the printer. These numbers are given to nothing else.')
        : t('Nothing was printed. The numbers of this try stay unused.'),
    );
  };
  return (
    <div className={css.numbers} data-testid="paper-numbers">
      <p>
        {known
          ? t('Reserved numbers left on this workstation: {visit} for visits, {specimen} for specimens.', {
              visit: visit?.left ?? 0,
              specimen: specimen?.left ?? 0,
            })
          : t('Which reserved numbers were given can’t be told. Tell IT.')}
      </p>
      {(visit?.low || specimen?.low) && <p className={css.warn}>{t('They run out. Tell IT.')}</p>}
      <Button
        icon={<IconPrinter size={16} aria-hidden />}
        busy={busy}
        onClick={() => void print()}
        data-testid="print-numbers"
      >
        {t('Print {perSheet} of each for paper', { perSheet })}
      </Button>
      <span role="status">{said}</span>
      {failure && <FailureAlert code={failure} />}
    </div>
  );
}
