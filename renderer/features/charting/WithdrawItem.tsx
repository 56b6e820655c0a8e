import { useQuery } from '@tanstack/react-query';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import { t } from '../../words/t.ts';
import { WithdrawDialog } from '../sync/WithdrawDialog.tsx';
import { PatientLine } from './FormDialog.tsx';
import type { Who, WritableItem } from './write.ts';

interface Props {
  readonly patientId: string;
  readonly who: Who;
  readonly item: WritableItem;
  readonly onClose: () => void;
}

/** Takes back the unsent change of a record, where it is shown. */
export function WithdrawItem({ patientId, who, item, onClose }: Props) {
  const changes = useQuery({
    queryKey: queryKeys.changes,
    queryFn: () => unwrap(bridge().sync.changes({})),
    ...recordOptions,
  });
  const change = changes.data?.items.find(
    (one) => one.patientId === patientId && one.resourceType === item.type && one.resourceId === item.id,
  );
  if (change && change.state !== 'sending') return <WithdrawDialog change={change} onClose={onClose} />;
  if (changes.isPending) return null;
  return (
    <Dialog title={t('Withdraw: {title}', { title: item.title })} onClose={onClose} testId="withdraw-late">
      <PatientLine who={who} />
      {changes.isError ? (
        <FailureAlert code={failureCode(changes.error)} />
      ) : (
        <p>
          {t('{change} If it is wrong, mark it as entered in error.', {
            change: change
              ? t('It is being sent just now, and can’t be withdrawn any more.')
              : t('It was sent, or withdrawn, meanwhile: there is nothing to be withdrawn.'),
          })}
        </p>
      )}
      <DialogFoot>
        <Button onClick={onClose} autoFocus>
          {t('Close')}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
