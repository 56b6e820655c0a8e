import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings } from '../gallery/axe.ts';
import { CATALOGUE } from '../gallery/catalogue.ts';
import { outOfReach } from '../gallery/reach.ts';
import { pageOf, type World } from '../gallery/stop.ts';
import { look, nameOf, VIEWS } from '../gallery/views.ts';
import { closeWorld, openWorld, walk } from '../gallery/walk.ts';

/** Of a part, on a machine that does much else; alone, the longest takes a minute. */
const TIMEOUT = 400_000;

describe('every screen, in both themes, at 200 % and in high contrast', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => closeWorld(world));

  it.each(CATALOGUE)('axe finds nothing, and all is in reach: $name', { timeout: TIMEOUT }, async (part) => {
    const found: string[] = [];
    await walk(world, part, {
      async at({ screen, state }) {
        for (const view of VIEWS) {
          await look(pageOf(world), view);
          const here = [...(await axeFindings(pageOf(world), view)), ...(await outOfReach(pageOf(world)))];
          found.push(...here.map((finding) => `${screen} (${state}), ${nameOf(view)}: ${finding}`));
        }
      },
      failed({ screen, state }, error) {
        found.push(`${screen} (${state}): ${String(error)}`);
      },
    });
    expect(found).toEqual([]);
  });
});
