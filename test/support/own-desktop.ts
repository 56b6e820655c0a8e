import { inject } from 'vitest';

// What is said of the session is read when it is needed; so a worker can be moved to its own desktop before its tests.
const session = inject('desktops')[Number(process.env['VITEST_POOL_ID']) - 2];
Object.assign(process.env, session);
