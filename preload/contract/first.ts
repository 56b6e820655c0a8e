import { launch } from './launch.ts';
import { lock } from './lock.ts';
import { managed } from './managed.ts';
import { preferences } from './preferences.ts';
import { session } from './session.ts';
import { updates } from './updates.ts';

/** What the page asks of main, and is told, before a profile is unlocked. */
export const firstContract = { session, launch, preferences, lock, managed, updates } as const;
