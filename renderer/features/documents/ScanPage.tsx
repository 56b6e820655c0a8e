import { Progress } from '@mantine/core';
import { useEffect, useId, useState } from 'react';
import type { Response } from '../../../preload/contract/index.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import fields from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import css from './documents.module.css';
import type { Picked } from './taking.ts';

type Scanners = Response<
  typeof import('../../../preload/contract/documents.ts')['documents']['calls']['scanners']
>['items'];

interface Props {
  readonly patientId: string;
  readonly patientName: string;
  readonly identity: string;
  readonly onScanned: (page: Picked) => void;
  readonly onClose: () => void;
}

type State =
  | { readonly kind: 'looking' | 'ready' | 'scanning'; readonly code?: null }
  | { readonly kind: 'failed'; readonly code: string };

const broken = () => ({ ok: false as const, error: { code: 'internal' } });

/** Scans one page with a scanner of this workstation. What it shows, the page around this never sees. */
export function ScanPage({ patientId, patientName, identity, onScanned, onClose }: Props) {
  const [state, setState] = useState<State>({ kind: 'looking' });
  const [scanners, setScanners] = useState<Scanners>([]);
  const [chosen, setChosen] = useState('');

  const look = async () => {
    setState({ kind: 'looking' });
    const answer = await bridge().documents.scanners({}).catch(broken);
    if (!answer.ok) return setState({ kind: 'failed', code: answer.error.code });
    setScanners(answer.value.items);
    setChosen(answer.value.items[0]?.id ?? '');
    setState({ kind: 'ready' });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, and when somebody asks for it
  useEffect(() => {
    void look();
    // Whoever leaves wants no page.
    return () => void codeOf(bridge().documents.cancelScan({}));
  }, []);

  const scan = async () => {
    setState({ kind: 'scanning' });
    const answer = await bridge().documents.scan({ patientId, scannerId: chosen }).catch(broken);
    if (answer.ok) onScanned(answer.value);
    else if (answer.error.code === 'cancelled') setState({ kind: 'ready' });
    else setState({ kind: 'failed', code: answer.error.code });
  };
  const isScanning = state.kind === 'scanning';
  const stop = () => (isScanning ? void codeOf(bridge().documents.cancelScan({})) : onClose());
  const isNone = state.kind !== 'looking' && scanners.length === 0;

  return (
    <Dialog title={t('Scan a page')} onClose={stop} asks={isScanning} testId="scan-dialog">
      <p className={css.whose}>
        {t('For the chart of')} <strong>{patientName}</strong> <span className={css.sub}>{identity}</span>
      </p>
      <div className={fields.form}>
        {state.kind === 'looking' && <p role="status">{t('Looking for scanners…')}</p>}
        {isNone && !state.code && <NoScanner />}
        {scanners.length > 0 && (
          <Choice scanners={scanners} chosen={chosen} disabled={state.kind !== 'ready'} onChoose={setChosen} />
        )}
        {isScanning && <ScanProgress />}
        {state.code && <FailureAlert code={state.code} />}
        <DialogFoot said={<span className={css.sub}>{t('One page at a time')}</span>}>
          <Button onClick={stop} data-testid="scan-cancel">
            {isScanning ? t('Stop') : t('Cancel')}
          </Button>
          {isNone || state.code === 'not-found' ? (
            <Button kind="main" onClick={() => void look()} data-testid="scan-look">
              {t('Look again')}
            </Button>
          ) : (
            <Button
              kind="main"
              busy={isScanning}
              disabled={state.kind === 'looking'}
              onClick={() => void scan()}
              data-testid="scan-start"
            >
              {t('Scan')}
            </Button>
          )}
        </DialogFoot>
      </div>
    </Dialog>
  );
}

function NoScanner() {
  return (
    <p role="status" data-testid="scan-none">
      <strong>{t('No scanner was found.')}</strong>{' '}
      {t(
        'See that it is on and connected to this workstation or its network, then look again. Or scan to a file with another program and attach that.',
      )}
    </p>
  );
}

interface ChoiceProps {
  readonly scanners: Scanners;
  readonly chosen: string;
  readonly disabled: boolean;
  readonly onChoose: (id: string) => void;
}

function Choice({ scanners, chosen, disabled, onChoose }: ChoiceProps) {
  const id = useId();
  return (
    <div className={fields.field}>
      <label htmlFor={id}>{t('Scanner')}</label>
      <select
        id={id}
        className={fields.input}
        value={chosen}
        disabled={disabled}
        onChange={(event) => onChoose(event.currentTarget.value)}
        data-testid="scan-scanner"
      >
        {scanners.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
    </div>
  );
}

function ScanProgress() {
  const [percent, setPercent] = useState(0);
  useEffect(() => bridge().documents.onScanProgress((told) => setPercent(told.percent)), []);
  const words = percent > 0 ? t('Scanning: {floor} %', { floor: Math.floor(percent) }) : t('Scanning…');
  return (
    <div role="status" data-testid="scan-progress">
      <Progress.Root size={8} radius="sm">
        <Progress.Section value={percent} aria-label={t('Scanning')} aria-valuetext={words} />
      </Progress.Root>
      <span className={`${css.sub} wl-numbers`}>{words}</span>
    </div>
  );
}
