import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const project = join(import.meta.dirname, '..', '..', '..');
const log = readFileSync(join(project, 'docs', 'safety.md'), 'utf8');
const hazards = log.split('\n').filter((line) => /^\| H\d\d /.test(line));
const shownBy = (hazard: string) => [...hazard.matchAll(/`(test\/[^`]+)` “([^”]+)”/g)];

it('the hazard log has thirty hazards or more, each with an id of its own', () => {
  const ids = hazards.map((line) => line.slice(2, 5));
  expect(ids.length).toBeGreaterThanOrEqual(30);
  expect(new Set(ids).size).toBe(ids.length);
});

it('every control of the hazard log names tests that exist', () => {
  const missing = hazards.flatMap((hazard) => {
    const tests = shownBy(hazard);
    if (tests.length === 0) return [hazard.slice(2, 5)];
    return tests.flatMap(([, file = '', title = '']) => {
      const path = join(project, file);
      return existsSync(path) && readFileSync(path, 'utf8').includes(title) ? [] : [`${file}: ${title}`];
    });
  });
  expect(missing).toEqual([]);
});
