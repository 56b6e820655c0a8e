import { access } from './parts/access.ts';
import { firstDay } from './parts/first-day.ts';
import { lists } from './parts/lists.ts';
import { locking } from './parts/locking.ts';
import { reading } from './parts/reading.ts';
import { sync } from './parts/sync.ts';
import { writing } from './parts/writing.ts';
import type { Part } from './stop.ts';

/** Every screen in every state, in the order in which the fewest starts of the program lead to them. */
export const CATALOGUE: readonly Part[] = [firstDay, lists, reading, writing, sync, access, locking];
