import { t } from '../words/t.ts';
import type { CameraProblem } from './devices.ts';

/** Why there is no picture: what is wrong with the camera, or `unmade`, a photo that could not be encoded. */
export type Problem = CameraProblem | 'unmade';

interface Words {
  readonly title: string;
  readonly act: string;
}

/** Where the operating system lets programs have the camera, or doesn't. */
const SETTINGS: readonly (readonly [RegExp, string])[] = [
  [/Windows/, t('Windows settings, “Privacy & security”, “Camera”: allow desktop apps')],
  [/Macintosh/, t('System Settings, “Privacy & Security”, “Camera”: allow Wardlight')],
];
const ASK_IT = t('Ask IT whether this workstation’s camera may be used');

/** What is wrong, and what to do about it. */
export function problemWords(problem: Problem, agent: string): Words {
  const where = SETTINGS.find(([system]) => system.test(agent))?.[1] ?? ASK_IT;
  const words: Record<Problem, Words> = {
    none: {
      title: t('No camera was found'),
      act: t('Connect a camera to this workstation: the picture appears by itself. Or cancel, and attach a file.'),
    },
    busy: {
      title: t('The camera can’t be used now'),
      act: t(
        'Another program may be using it, or it doesn’t answer. Close the other program or plug the camera in again, then try again.',
      ),
    },
    refused: {
      title: t('Wardlight may not use the camera'),
      act: t('{where}. Then try again. If you locked Wardlight or left this patient, cancel and begin anew.', {
        where,
      }),
    },
    unplugged: {
      title: t('The camera was disconnected'),
      act: t('Connect it again: the picture comes back by itself. Nothing was kept of what it showed.'),
    },
    unmade: {
      title: t('The photo couldn’t be made'),
      act: t('Nothing was kept of it. Try again, and take another one. If that fails too, cancel and attach a file.'),
    },
  };
  return words[problem];
}
