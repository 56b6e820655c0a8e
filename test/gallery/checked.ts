import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings } from './axe.ts';
import { CATALOGUE } from './catalogue.ts';
import { outOfReach } from './reach.ts';
import { pageOf, type World } from './stop.ts';
import { look, nameOf, VIEWS } from './views.ts';
import { closeWorld, openWorld, walk } from './walk.ts';

/** Of a part, on a machine that does much else; alone, the longest takes a minute. */
const TIMEOUT = 400_000;
/** Files that share the catalogue, so that they are walked beside each other. */
const SHARES = 3;

/** Tests of one share of the catalogue: nothing that axe finds, and nothing out of reach. Each part is in one of them. */
export function checkScreens(share: 0 | 1 | 2): void {
  describe('every screen, in both themes, at 200 % and in high contrast', () => {
    let world: World;
    beforeAll(async () => {
      world = await openWorld();
    });
    afterAll(() => closeWorld(world));

    const parts = CATALOGUE.filter((_, at) => at % SHARES === share);
    it.each(parts)('axe finds nothing, and all is in reach: $name', { timeout: TIMEOUT }, async (part) => {
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
}
