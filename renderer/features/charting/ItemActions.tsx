import { IconEraser, IconPencil } from '@tabler/icons-react';
import { Button } from '../../parts/Button.tsx';
import { UnsentBadge } from '../../parts/UnsentBadge.tsx';
import { t } from '../../words/t.ts';
import css from './charting.module.css';
import { LabelButton } from './LabelButton.tsx';
import { useWrite, type WritableItem } from './write.ts';

interface Props {
  readonly item: WritableItem;
  /** The badge stands elsewhere. */
  readonly bare?: boolean;
}

/** Beside a record: that it is not sent yet and can be withdrawn, and what else can be done to it. */
export function ItemActions({ item, bare = false }: Props) {
  const { unsent, title } = item;
  const write = useWrite();
  if (!write) return bare ? null : <UnsentBadge unsent={unsent} />;
  const deeds = deedsOf(item);
  const [only, another] = deeds;
  const isError = only === 'entered-in-error' && another === undefined;
  const changeWords = isError ? t('Entered in error: {title}', { title }) : t('Change: {title}', { title });
  const isStuck = unsent === 'conflict' || unsent === 'parked';
  const { labelled } = item;
  if (unsent === null && !labelled && (deeds.length === 0 || write.blocked !== null)) return null;
  return (
    <span className={css.actions}>
      {!bare && <UnsentBadge unsent={unsent} />}
      {isStuck && !bare && (
        <Button
          size="tiny"
          onClick={write.onSync}
          aria-label={t('See why: {title}', { title })}
          data-testid="item-sync"
        >
          {t('See why')}
        </Button>
      )}
      {unsent !== null && (
        <Button
          size="tiny"
          onClick={() => write.open({ kind: 'withdraw', item })}
          aria-label={t('Withdraw: {title}', { title })}
          data-testid="item-withdraw"
        >
          {t('Withdraw')}
        </Button>
      )}
      {labelled && <LabelButton patientId={write.patientId} type={labelled} id={item.id} title={title} />}
      {deeds.length > 0 && write.blocked === null && (
        <button
          type="button"
          className={css.change}
          onClick={() => write.open({ kind: 'change', item: { ...item, deeds } })}
          aria-label={changeWords}
          title={changeWords}
          data-testid="item-change"
        >
          {isError ? <IconEraser size={15} aria-hidden /> : <IconPencil size={15} aria-hidden />}
        </button>
      )}
    </span>
  );
}

/** What was never sent is withdrawn, and was never entered in error. */
function deedsOf({ deeds, versionId }: WritableItem): WritableItem['deeds'] {
  return versionId === '' ? deeds.filter((deed) => deed !== 'entered-in-error') : deeds;
}
