import { expect, it } from 'vitest';
import { readReport } from '../../../build/test-report.mjs';

const of = (status: string, title: string, ...failureMessages: string[]) => ({
  ancestorTitles: ['the list'],
  title,
  status,
  failureMessages,
});

function report(...testResults: object[]): string {
  return JSON.stringify({ numPassedTests: 7, numFailedTests: 1, testResults });
}

it('names each test that failed, with the beginning of what it said', () => {
  const long = Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n');
  const { passed, failed, told } = readReport(
    report({
      name: '/project/test/list.test.ts',
      status: 'failed',
      message: '',
      assertionResults: [of('passed', 'opens'), of('failed', 'closes', '\u001B[31mexpected 1\u001B[39m', long)],
    }),
    '/project',
  );
  expect({ passed, failed }).toEqual({ passed: 7, failed: 1 });
  expect(told.slice(0, 3)).toEqual(['FAILED test/list.test.ts > the list > closes', '    expected 1', '    line 0']);
  expect(told.at(-1)).toBe('    line 10');
});

it('names a file that could not begin, and nothing of one that passed', () => {
  const { told } = readReport(
    report(
      { name: '/project/test/a.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
      { name: '/project/test/b.test.ts', status: 'passed', message: '', assertionResults: [of('passed', 'opens')] },
    ),
    '/project',
  );
  expect(told).toEqual(['FAILED test/a.test.ts', '    no such module']);
});
