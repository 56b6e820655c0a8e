import { type ComponentProps, type ComponentType, createElement } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { createChunk } from './chunk.ts';

const rareScreens = createChunk(() => import('../features/lock/rareScreens.ts'));
type Screens = NonNullable<ReturnType<typeof rareScreens.loaded>>;

/** Reads the screens that are seldom seen, so that they stand at once where they are. */
export const prefetchRareScreens = rareScreens.prefetch;

interface Props<Name extends keyof Screens> {
  readonly name: Name;
  readonly props: ComponentProps<Screens[Name]>;
}

/** One of the screens that are not in the first script; nothing until it is there. */
export function RareScreen<Name extends keyof Screens>({ name, props }: Props<Name>) {
  const [screens, setScreens] = useState(rareScreens.loaded);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (screens) return;
    rareScreens.fetch().then(setScreens, () => setFailed(true));
  }, [screens]);
  // For the boundary. The cause may name paths of the workstation, so it stays behind.
  if (failed) throw new Error('A part of the page could not be read');
  return screens && createElement<object>(screens[name] as ComponentType<object>, props as object);
}
