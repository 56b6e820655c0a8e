import { afterEach, inject } from 'vitest';
import { takeLastWords } from './app.ts';

// What is said of the session is read when it is needed; so a worker can be moved to its own desktop before its tests.
const session = inject('desktops')[Number(process.env['VITEST_POOL_ID']) - 2];
Object.assign(process.env, session);

// Whoever reads of a test that failed, perhaps once of many times, sees what the window showed then.
afterEach(({ task }) => {
  const words = takeLastWords();
  const error = task.result?.state === 'fail' ? task.result.errors?.[0] : undefined;
  if (!error || words.length === 0) return;
  const message = `${error.message}\nWhen it was closed, the window showed: ${words.join(', then ')}`;
  if (error.stack) error.stack = error.stack.replace(error.message, () => message);
  error.message = message;
});
