import type { Contract, Response } from '../../preload/contract/index.ts';

type About = Response<Contract['preferences']['calls']['about']>;

/** `Wardlight 0.1.0 · Electron 45.4.1`, and whether the runtime is the stand-in that only developers have. */
export function aboutWords({ version, electron, developmentRuntime }: About): string {
  const parts = [`Wardlight ${version}`, `Electron ${electron}`, developmentRuntime ? 'development runtime' : null];
  return parts.filter((part) => part !== null).join(' · ');
}
