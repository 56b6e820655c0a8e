import type { UpdateHold, UpdateMode, UpdateProblem, UpdateState } from '../../../preload/contract/updates.ts';
import { t } from '../../words/t.ts';

const MODES: Readonly<Record<UpdateMode, string>> = {
  off: t('Wardlight looks for no new version.'),
  repository: t('IT installs new versions; Wardlight says when to start it again.'),
  feed: t('Wardlight looks for new versions by itself.'),
};

/** Where new versions come from. */
export const modeWords = (mode: UpdateMode): string => MODES[mode];

const HOLDS: Readonly<Record<UpdateHold, string>> = {
  offline: t('It waits until the server can be reached.'),
  unsaved: t('It waits until no draft is open.'),
  sending: t('It waits until all files are sent.'),
  syncing: t('It waits until the sync has ended.'),
};

/** How it stands with the newest version. */
export function stageWords({ stage, offer, holds: [hold] }: UpdateState): string {
  if (stage === 'checking') return t('Looking for a new version…');
  if (offer === null) return '';
  const { version } = offer;
  const words = {
    none: '',
    downloading: t('Version {version} is being fetched.', { version }),
    ready: t('Version {version} can be installed.', { version }),
    agreed: t('Version {version} is installed when Wardlight is closed.', { version }),
    restart: t('Version {version} is installed, and runs once Wardlight is started again.', { version }),
  }[stage];
  return hold ? `${words} ${HOLDS[hold]}` : words;
}

const UNTRUSTED = t('What the feed offers is not believed, and nothing of it is installed.');
const FILE = t('The file is not the one that was signed. Nothing of it is installed.');
const MEMORY = t(
  'What was seen of the feed before was changed or can’t be read. Nothing is installed until IT has looked.',
);

const PROBLEMS: Readonly<Record<UpdateProblem, string>> = {
  'no-keys': t('No key is known by which new versions are signed.'),
  'feed-unreachable': t('The feed of new versions can’t be reached.'),
  'feed-redirected': UNTRUSTED,
  'feed-too-large': UNTRUSTED,
  'feed-invalid': UNTRUSTED,
  'signature-missing': UNTRUSTED,
  'signature-unknown': UNTRUSTED,
  'signature-wrong': UNTRUSTED,
  'keys-changed': UNTRUSTED,
  expired: t('What the feed says is too old to be believed.'),
  older: UNTRUSTED,
  changed: UNTRUSTED,
  downgrade: UNTRUSTED,
  'version-too-old': t('The newest version can’t be installed over so old a one.'),
  'no-file': t('The newest version has no installer for this workstation.'),
  'file-missing': FILE,
  'file-too-large': FILE,
  'file-cut-off': FILE,
  'file-changed': FILE,
  'memory-changed': MEMORY,
  'memory-unavailable': MEMORY,
  'disk-full': t('The disk has no room for the new version.'),
  'store-failed': t('The new version could not be written to the disk.'),
};

/** Why there is no update. */
export const problemWords = (problem: UpdateProblem): string => PROBLEMS[problem];
