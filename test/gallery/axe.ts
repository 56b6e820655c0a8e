import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Frame, Page } from 'playwright';
import type { View } from './views.ts';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** WCAG 2.2 at AA, and what it takes over from 2.0 and 2.1. */
const LEVEL = { type: 'tag' as const, values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] };
/**
 * Those that another theme can break; and no other layout, which keeps the colours. In high contrast they would be wrong:
 * the system's colours are drawn in the place of ours, which are what the page, and so axe, is told.
 */
const COLOURS = ['color-contrast', 'link-in-text-block'];

/** What is asked of a view: nothing twice that is the same in all of them, as a walk has hundreds. */
function optionsFor({ theme, zoom }: View): RunOptions {
  const common: RunOptions = { resultTypes: ['violations'], iframes: false, preload: false };
  if (theme === 'dark') return { ...common, runOnly: { type: 'rule', values: COLOURS } };
  if (theme === 'light' && zoom === 1) return { ...common, runOnly: LEVEL };
  return { ...common, runOnly: LEVEL, rules: Object.fromEntries(COLOURS.map((rule) => [rule, { enabled: false }])) };
}

/** What axe finds on the page and in each frame on it: the rule, where, and what it says. */
export async function axeFindings(page: Page, view: View): Promise<string[]> {
  const found: string[] = [];
  for (const frame of page.frames()) found.push(...(await findingsIn(frame, optionsFor(view))));
  return found;
}

/** By the inspector, which no policy of the page's keeps from running a script. */
async function findingsIn(frame: Frame, options: RunOptions): Promise<string[]> {
  if (!(await frame.evaluate('"axe" in window'))) await frame.evaluate(source);
  const { violations } = await frame.evaluate<AxeResults, RunOptions>(
    (asked) => Reflect.get(window, 'axe').run(asked),
    options,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, any, all, none }) => {
      const [first] = [...any, ...all, ...none];
      return `${id} at ${target.join(' ')}: ${first?.message ?? ''}`;
    }),
  );
}
