// What vitest's report of a run says, for the end of `npm test`: whoever has only the last lines must see what failed.
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const MOST_LINES = 12;

/** The first lines of a message, without colours and without what of its stack isn't ours, set in below the name. */
function beginning(message) {
  const lines = stripVTControlCharacters(message).trimEnd().split('\n');
  const ours = lines.filter((line) => !/^\s+at .*node_modules|^\s+at new Promise/u.test(line));
  return ours.slice(0, MOST_LINES).map((line) => `    ${line}`);
}

/**
 * How many tests passed and failed by a report of vitest's JSON reporter, and lines that name each test that failed, and
 * each file that could not begin, with the beginning of its message. Files are told from `folder` on.
 *
 * @param {string} json
 * @param {string} folder
 * @returns {{ passed: number, failed: number, told: string[] }}
 * @throws {SyntaxError} if it isn't whole: the run was ended while it was written
 */
export function readReport(json, folder) {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(json);
  const told = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(folder, name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [`FAILED ${file}`, ...beginning(message)] : [];
    return failed.flatMap((test) => [
      `FAILED ${file} > ${[...test.ancestorTitles, test.title].join(' > ')}`,
      ...beginning(test.failureMessages.join('\n')),
    ]);
  });
  return { passed: numPassedTests, failed: numFailedTests, told };
}
