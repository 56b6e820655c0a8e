import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { project } from './desktop.ts';

/**
 * Files that take much longer than their size tells, the longest first: begun last, they would leave the other workers
 * without work at the end. `npm test` tells what each file took. Canaries are looked for in all that the files before have
 * left in the session's folders.
 */
const LONG = [
  'test/security/canaries.test.ts',
  'test/e2e/accessibility-0.test.ts',
  'test/e2e/vault.test.ts',
  'test/e2e/access.test.ts',
  'test/e2e/lease.test.ts',
  'test/e2e/tls.test.ts',
  'test/e2e/drafts.test.ts',
  'test/integration/sim/seeds.test.ts',
  'test/integration/sim/mutants.test.ts',
  'test/integration/crash/crash.test.ts',
  'test/integration/ward-week/ward-week.test.ts',
];

/** Vitest's order, but for the long ones within each project. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONG.indexOf(relative(project, moduleId));
      return place < 0 ? LONG.length : place;
    };
    const sorted = await super.sort(files);
    const projects = new Set(sorted.map(({ project: one }) => one));
    return [...projects].flatMap((one) =>
      sorted.filter((file) => file.project === one).toSorted((a, b) => rank(a) - rank(b)),
    );
  }
}
