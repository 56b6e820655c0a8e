import { access } from './parts/access.ts';
import { downtime } from './parts/downtime.ts';
import { ending } from './parts/ending.ts';
import { files } from './parts/files.ts';
import { firstDay } from './parts/first-day.ts';
import { forms } from './parts/forms.ts';
import { launching } from './parts/launching.ts';
import { lists } from './parts/lists.ts';
import { locking } from './parts/locking.ts';
import { managed } from './parts/managed.ts';
import { reading } from './parts/reading.ts';
import { sync } from './parts/sync.ts';
import { writing } from './parts/writing.ts';
import type { Part } from './stop.ts';

/** Every screen in every state, in the order in which the fewest starts of the program lead to them. */
export const CATALOGUE: readonly Part[] = [
  ...[firstDay, lists, reading, writing, forms, sync, files, access, locking],
  ...[downtime, managed, launching, ending],
];
