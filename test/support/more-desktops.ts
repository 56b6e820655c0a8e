import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { TestProject } from 'vitest/node';
import { insideDesktop, runInDesktop } from './desktop.ts';

export type Session = Readonly<Record<string, string>>;

declare module 'vitest' {
  interface ProvidedContext {
    /** The sessions of further desktops: of the second worker, the third and so on. */
    desktops: readonly Session[];
  }
}

interface Held {
  readonly session: Session;
  end(): Promise<void>;
}

/** A desktop that stays until it is ended, or until this process is gone. */
async function holdDesktop(): Promise<Held> {
  const says = 'node -p "JSON.stringify(process.env)" && exec cat';
  const child = runInDesktop('bash', ['-c', says], { stdio: 'pipe' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const errors = text(child.stderr!);
  for await (const line of createInterface({ input: child.stdout! })) {
    const end = () => {
      child.stdin!.end();
      return ended;
    };
    return { session: JSON.parse(line) as Session, end };
  }
  throw new Error(`no further desktop: ${await errors}`);
}

/** Gives each worker but the first, which has the one that all of this runs in, a desktop of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<unknown>> {
  const further = insideDesktop ? project.config.maxWorkers - 1 : 0;
  const held = await Promise.all(Array.from({ length: further }, holdDesktop));
  project.provide(
    'desktops',
    held.map(({ session }) => session),
  );
  return () => Promise.all(held.map(({ end }) => end()));
}
