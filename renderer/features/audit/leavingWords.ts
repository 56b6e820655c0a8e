import type { DeliveryLine, Integrity, LeavingFailure, SendingLine } from '../../../preload/contract/audit.ts';

/** How something that is to leave the workstation stands, in words. */
export interface LeavingState {
  readonly tone: 'good' | 'plain' | 'danger';
  readonly words: string;
  /** For IT. */
  readonly code: LeavingFailure | null;
}

const FAILURES: Readonly<Record<LeavingFailure, string>> = {
  'target-unreachable': 'it can’t be reached',
  'target-busy': 'it is busy',
  'target-failed': 'it failed',
  'not-signed-in': 'nobody is signed in to its server',
  'keychain-closed': 'the keychain is closed',
  cancelled: 'it was stopped',
  'access-denied': 'it refuses this workstation',
  'credentials-missing': 'its credentials are not in the keychain',
  'target-missing': 'there is nothing at its address',
  'target-moved': 'it sends on to another address, and nothing is sent there',
  'target-full': 'it is full',
  'not-write-once': 'it would not keep the record from being altered',
  'target-certificate': 'its certificate is not trusted',
  'request-refused': 'it refuses what is sent',
  'segment-unreadable': 'the record can’t be read',
};

const CHANNELS: Readonly<Record<SendingLine['channel'], string>> = {
  communication: 'Alarms to the clinical server',
  webhook: 'Alarms to the organisation’s service',
};

const number = (count: number) => count.toLocaleString('en');
const some = (count: number) => (count === 1 ? 'One alarm' : `${number(count)} alarms`);

/** Why it goes on by itself, or who has to do something. */
function because(problem: LeavingFailure, needsIt: boolean): string {
  return needsIt ? `${FAILURES[problem]}. IT has to look at it.` : `${FAILURES[problem]}. It goes on by itself.`;
}

export function channelTitle({ channel }: Pick<SendingLine, 'channel'>): string {
  return CHANNELS[channel];
}

/** How alarms stand that are sent in one way. */
export function sendingState({ waiting, problem, needsIt }: Omit<SendingLine, 'channel'>): LeavingState {
  if (waiting === 0 && problem === null) return { tone: 'good', words: 'All received', code: null };
  const wait = waiting === null ? 'Not known yet how many wait' : `${some(waiting)} not received yet`;
  if (problem === null) return { tone: 'plain', words: waiting === null ? wait : `${wait}: on the way`, code: null };
  return { tone: needsIt ? 'danger' : 'plain', words: `${wait}: ${because(problem, needsIt)}`, code: problem };
}

/** How far the record has come to one target. */
export function deliveryState(
  { delivered, problem, needsIt }: Omit<DeliveryLine, 'target'>,
  size: Integrity['size'],
): LeavingState {
  const far =
    delivered === null ? 'Not known yet how far' : `${number(delivered)} of ${number(size)} entries delivered`;
  if (problem !== null)
    return { tone: needsIt ? 'danger' : 'plain', words: `${far}: ${because(problem, needsIt)}`, code: problem };
  return { tone: delivered === null ? 'plain' : 'good', words: far, code: null };
}
