import type { Contract, Response } from '../../preload/contract/index.ts';
import { t } from '../words/t.ts';

type About = Response<Contract['preferences']['calls']['about']>;

/** `Wardlight 0.1.0 · Electron 45.4.1`, and whether the runtime is the stand-in that only developers have. */
export function aboutWords({ version, electron, developmentRuntime }: About): string {
  const parts = [
    t('Wardlight {version}', { version }),
    t('Electron {electron}', { electron }),
    developmentRuntime ? t('development runtime') : null,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}
