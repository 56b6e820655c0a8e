import { type RefObject, useEffect, useRef } from 'react';

/** Something that the palette offers by its name. */
export interface Command {
  readonly id: string;
  readonly title: string;
  /** Other words by which somebody may look for it. */
  readonly words?: string;
  /** As the help tells its keys; none where it has none. */
  readonly keys?: string;
  readonly run: () => void;
}

/** What the parts of the page that are there offer. */
const offered = new Set<RefObject<readonly Command[]>>();

/** Offers commands for as long as the part is shown. */
export function useCommands(commands: readonly Command[]): void {
  const latest = useRef(commands);
  useEffect(() => {
    latest.current = commands;
  });
  useEffect(() => {
    offered.add(latest);
    return () => void offered.delete(latest);
  }, []);
}

/** All commands that are offered now; what came last stands first, as it is nearest to what somebody does. */
export function offeredCommands(): readonly Command[] {
  return [...offered].reverse().flatMap(({ current }) => current);
}
