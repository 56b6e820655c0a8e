/** @jsxImportSource preact */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { OpeningScreen } from '../features/lock/OpeningScreen.tsx';
import { createChunk } from './chunk.ts';
import type { FrameProps } from './Frame.tsx';
import type { ThemeStore } from './theme.ts';
import type { MountedUnlocked } from './Unlocked.tsx';

/** All that comes after the unlock, React included, so that the first screen waits for little. */
const unlocked = createChunk(() => import('./Unlocked.tsx'));

/** Reads and evaluates what comes after the unlock, while the person has yet to type. */
export const prefetchUnlocked = unlocked.prefetch;

interface Props extends FrameProps {
  readonly theme: ThemeStore;
}

/** The place of the unlocked page: it is shown at once if it was fetched before, and otherwise when it is there. */
export function UnlockedPlace(props: Props) {
  const [mount, setMount] = useState(unlocked.loaded);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (mount) return;
    unlocked.fetch().then(
      (part) => setMount(() => part),
      () => setFailed(true),
    );
  }, [mount]);
  // For the boundary. The cause may name paths of the workstation, so it stays behind.
  if (failed) throw new Error('A part of the page could not be read');
  return mount ? <Mounted mount={mount} {...props} /> : <OpeningScreen />;
}

type Mount = (place: Element, theme: ThemeStore) => MountedUnlocked;

function Mounted({ mount, theme, session }: Props & { readonly mount: Mount }) {
  const place = useRef<HTMLDivElement>(null);
  const part = useRef<MountedUnlocked | null>(null);
  useLayoutEffect(() => {
    if (!place.current) return;
    const mounted = mount(place.current, theme);
    part.current = mounted;
    return mounted.end;
  }, [mount, theme]);
  useLayoutEffect(() => part.current?.show({ session }), [session]);
  return <div ref={place} className="wl-place" />;
}
