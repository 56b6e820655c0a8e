import type { DeliveryLine, Integrity, LeavingFailure, SendingLine } from '../../../preload/contract/audit.ts';
import { number, t } from '../../words/t.ts';

/** How something that is to leave the workstation stands, in words. */
export interface LeavingState {
  readonly tone: 'good' | 'plain' | 'danger';
  readonly words: string;
  /** For IT. */
  readonly code: LeavingFailure | null;
}

const FAILURES: Readonly<Record<LeavingFailure, string>> = {
  'target-unreachable': t('it can’t be reached'),
  'target-busy': t('it is busy'),
  'target-failed': t('it failed'),
  'not-signed-in': t('nobody is signed in to its server'),
  'keychain-closed': t('the keychain is closed'),
  cancelled: t('it was stopped'),
  'access-denied': t('it refuses this workstation'),
  'credentials-missing': t('its credentials are not in the keychain'),
  'target-missing': t('there is nothing at its address'),
  'target-moved': t('it sends on to another address, and nothing is sent there'),
  'target-full': t('it is full'),
  'not-write-once': t('it would not keep the record from being altered'),
  'target-certificate': t('its certificate is not trusted'),
  'request-refused': t('it refuses what is sent'),
  'segment-unreadable': t('the record can’t be read'),
};

const CHANNELS: Readonly<Record<SendingLine['channel'], string>> = {
  communication: t('Alarms to the clinical server'),
  webhook: t('Alarms to the organisation’s service'),
};

const some = (count: number) => t('{count, plural, one {One alarm} other {# alarms}}', { count });

/** Why it goes on by itself, or who has to do something. */
function because(problem: LeavingFailure, needsIt: boolean): string {
  return needsIt
    ? t('{failures}. IT has to look at it.', { failures: FAILURES[problem] })
    : t('{failures}. It goes on by itself.', { failures: FAILURES[problem] });
}

export function channelTitle({ channel }: Pick<SendingLine, 'channel'>): string {
  return CHANNELS[channel];
}

/** How alarms stand that are sent in one way. */
export function sendingState({ waiting, problem, needsIt }: Omit<SendingLine, 'channel'>): LeavingState {
  if (waiting === 0 && problem === null) return { tone: 'good', words: t('All received'), code: null };
  const wait =
    waiting === null ? t('Not known yet how many wait') : t('{some} not received yet', { some: some(waiting) });
  if (problem === null)
    return { tone: 'plain', words: waiting === null ? wait : t('{wait}: on the way', { wait }), code: null };
  return { tone: needsIt ? 'danger' : 'plain', words: `${wait}: ${because(problem, needsIt)}`, code: problem };
}

/** How far the record has come to one target. */
export function deliveryState(
  { delivered, problem, needsIt }: Omit<DeliveryLine, 'target'>,
  size: Integrity['size'],
): LeavingState {
  const far =
    delivered === null
      ? t('Not known yet how far')
      : t('{number} of {number2} entries delivered', { number: number(delivered), number2: number(size) });
  if (problem !== null)
    return { tone: needsIt ? 'danger' : 'plain', words: `${far}: ${because(problem, needsIt)}`, code: problem };
  return { tone: delivered === null ? 'plain' : 'good', words: far, code: null };
}
