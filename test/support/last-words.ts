import { afterEach } from 'vitest';
import { takeLastWords } from './app.ts';

// Whoever reads of a test that failed, perhaps once of many times, learns what its windows showed then.
afterEach(({ task }) => {
  const words = takeLastWords();
  const error = task.result?.state === 'fail' ? task.result.errors?.[0] : undefined;
  if (!error || words.length === 0) return;
  const message = `${error.message}\nWhen it was closed, the window showed: ${words.join('; then ')}`;
  if (error.stack) error.stack = error.stack.replace(error.message, () => message);
  error.message = message;
});
