import { IconPrinter } from '@tabler/icons-react';
import { useCallback, useEffect, useState } from 'react';
import type { Response } from '../../../preload/contract/index.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { errorWords } from '../../app/errors.ts';
import { Button } from '../../parts/Button.tsx';
import { t } from '../../words/t.ts';
import { Leaving, ViewerDialog } from '../documents/DocumentViewer.tsx';
import css from './downtime.module.css';

export type OpenBinder = Response<typeof import('../../../preload/contract/downtime.ts')['downtime']['calls']['open']>;

interface Props {
  readonly title: string;
  readonly about: string;
  readonly opened: OpenBinder;
  readonly mayPrint: boolean;
  readonly maySave: boolean;
  readonly onClose: () => void;
}

/** The pages of a binder, with Print. They are closed with the view. */
export function BinderViewer({ title, about, opened, mayPrint, maySave, onClose }: Props) {
  const { handle } = opened;
  const [printing, setPrinting] = useState(false);
  const [said, setSaid] = useState('');
  useEffect(() => () => void codeOf(bridge().downtime.close({ handle })), [handle]);
  const print = useCallback(async () => {
    setPrinting(true);
    setSaid('');
    const answer = await bridge()
      .downtime.print({ handle })
      .catch(() => ({ ok: false as const, error: { code: 'internal' } }));
    setPrinting(false);
    if (!answer.ok) setSaid(errorWords(answer.error.code).title);
    else setSaid(answer.value.printed ? t('Sent to the printer.') : t('Nothing was printed.'));
  }, [handle]);
  return (
    <ViewerDialog
      title={title}
      about={about}
      opened={{ handle, kind: 'pdf', contentType: 'application/pdf' }}
      onClose={onClose}
    >
      <span role="status" className={css.said} data-testid="downtime-said">
        {said}
      </span>
      {maySave && <Leaving how="saveAs" leave={() => codeOf(bridge().downtime.saveAs({ handle }))} />}
      {mayPrint && (
        <Button
          kind="main"
          icon={<IconPrinter size={16} aria-hidden />}
          busy={printing}
          onClick={() => void print()}
          data-testid="downtime-print"
        >
          {t('Print…')}
        </Button>
      )}
    </ViewerDialog>
  );
}
