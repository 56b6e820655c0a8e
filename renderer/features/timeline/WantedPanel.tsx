import { Button } from '../../parts/Button.tsx';
import { t } from '../../words/t.ts';
import { RecordPanel } from './RecordPanel.tsx';
import css from './timeline.module.css';

interface Props {
  readonly patientId: string;
  readonly record: { readonly type: string; readonly id: string };
  readonly onClose: () => void;
}

/** A record that somebody came for, without the entry of the timeline that holds it. */
export function WantedPanel({ patientId, record: { type, id }, onClose }: Props) {
  return (
    <section className={css.panel} aria-label={t('Record')} data-testid="wanted-panel">
      <div className={css.panelHead}>
        <span className={css.spring} />
        <Button size="tiny" onClick={onClose} data-testid="wanted-close">
          {t('Close')}
        </Button>
      </div>
      <RecordPanel key={`${type} ${id}`} patientId={patientId} type={type} id={id} />
    </section>
  );
}
