import type { Result } from '../../../preload/contract/channel.ts';
import type { CorrectableType } from '../../../preload/contract/clinical.ts';
import { bridge } from '../../app/bridge.ts';
import { t } from '../../words/t.ts';
import type { About } from './formTypes.ts';
import type { Deed, WritableItem } from './write.ts';

interface DeedWords {
  readonly words: string;
  /** What becomes of the record. */
  readonly means: string;
  /** Whether it is asked why. */
  readonly reason: 'needed' | 'asked' | 'none';
  /** What the day is called that is asked for; null where none is. */
  readonly end: string | null;
}

const plain = { reason: 'none', end: null } as const;
const why = { reason: 'needed', end: null } as const;

export const DEEDS: Readonly<Record<Deed, DeedWords>> = {
  refute: { words: t('Refute'), means: t('It turned out to be no allergy. It stays in the record, refuted.'), ...why },
  resolve: { words: t('Resolve'), means: t('The problem is over.'), reason: 'asked', end: t('Over since') },
  inactivate: {
    words: t('Set inactive'),
    means: t('The problem rests, and may come back.'),
    reason: 'asked',
    end: t('Since'),
  },
  reactivate: { words: t('Reactivate'), means: t('The problem is back.'), reason: 'asked', end: null },
  stop: { words: t('Stop'), means: t('The medicine is not taken any more.'), reason: 'needed', end: t('Last taken') },
  accepted: { words: t('Accept'), means: t('Somebody will do it.'), ...plain },
  'in-progress': { words: t('Begin'), means: t('Somebody is doing it.'), ...plain },
  'on-hold': { words: t('Put on hold'), means: t('It is to be done later.'), ...why },
  completed: { words: t('Done'), means: t('It was done.'), reason: 'asked', end: null },
  cancelled: { words: t('Cancel'), means: t('It is not to be done any more.'), ...why },
  rejected: { words: t('Decline'), means: t('It is not taken on.'), ...why },
  failed: { words: t('Failed'), means: t('It was tried, and could not be done.'), ...why },
  arrived: { words: t('Arrived'), means: t('The patient is here.'), ...plain },
  'checked-in': { words: t('Checked in'), means: t('The patient is here, and the formalities are done.'), ...plain },
  'entered-in-error': {
    words: t('Entered in error'),
    means: t('It should never have been recorded. It stays in the record, marked as an error.'),
    ...why,
  },
};

interface Given {
  readonly deed: Deed;
  readonly reason: string | null;
  readonly end: string | null;
}

/** Does it. Where a reason is needed, there is one. */
export function sendDeed(about: About, item: WritableItem, { deed, reason, end }: Given): Promise<Result<unknown>> {
  const { charting } = bridge();
  const { type, id, versionId } = item;
  const shown = { ...about, id, versionId };
  switch (deed) {
    case 'refute':
      return charting.refuteAllergy({ ...shown, reason: reason ?? '' });
    case 'resolve':
    case 'inactivate':
    case 'reactivate':
      return charting.changeProblem({ ...shown, change: deed, reason, end });
    case 'stop':
      return charting.stopMedication({ ...shown, reason: reason ?? '', end });
    case 'arrived':
    case 'checked-in':
      return charting.checkIn({ ...shown, status: deed });
    case 'entered-in-error':
      return charting.markEnteredInError({ ...shown, type: type as CorrectableType, reason: reason ?? '' });
    default:
      return charting.changeTask({ ...shown, status: deed, reason });
  }
}
