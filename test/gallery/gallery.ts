import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Language } from '../../preload/contract/languages.ts';
import { CATALOGUE } from './catalogue.ts';
import { indexPage } from './index-page.ts';
import { type Named, pageOf, type Stop, type World } from './stop.ts';
import { look, nameOf, PICTURED } from './views.ts';
import { closeWorld, openWorld, walk } from './walk.ts';

export interface Picture {
  screen: string;
  state: string;
  theme: string;
  size: string;
  /** Its name in the folder; null where there is none. */
  file: string | null;
  ok: boolean;
  error?: string;
}

export interface GalleryOptions {
  out: string;
  /** Parts of the catalogue; all of them where none is named. */
  only: readonly string[];
  language: Language;
  onPicture: (picture: Picture) => void;
  onProgress: (message: string) => void;
}

/** Takes the pictures of the whole catalogue, with a page to look through them. False where one is missing. */
export async function runGallery({ out, only, language, onPicture, onProgress }: GalleryOptions): Promise<boolean> {
  mkdirSync(out, { recursive: true });
  const taken: Picture[] = [];
  const tell = (picture: Picture) => {
    taken.push(picture);
    onPicture(picture);
  };
  const parts = CATALOGUE.filter(({ name }) => only.length === 0 || only.includes(name));
  onProgress('opening the ward');
  const world = await openWorld(language);
  try {
    for (const [index, part] of parts.entries()) {
      onProgress(`${index + 1}/${parts.length} ${part.name}: ${part.stops.length} stops`);
      await walk(world, part, {
        at: async (stop) => {
          for (const picture of await takeAll(world, stop, out)) tell(picture);
        },
        failed: async (stop, error) => tell(await takeFailed(world, stop, out, error)),
      });
    }
  } finally {
    await closeWorld(world);
  }
  writeFileSync(join(out, 'index.html'), indexPage(taken));
  return taken.every(({ ok }) => ok);
}

const fileOf = (...words: string[]) => `${words.join(' ').replace(/[^\w%]+/g, '-')}.png`;

/** What is shown where the walk can't go on. */
async function takeFailed(world: World, { screen, state }: Named, out: string, error: unknown): Promise<Picture> {
  const file = fileOf('failed', screen, state);
  const isTaken = await world.running?.page.screenshot({ path: join(out, file) }).then(Boolean, () => false);
  return { screen, state, theme: '', size: '', file: isTaken ? file : null, ok: false, error: String(error) };
}

async function takeAll(world: World, { screen, state }: Stop, out: string): Promise<Picture[]> {
  const page = pageOf(world);
  const pictures: Picture[] = [];
  for (const view of PICTURED) {
    const file = fileOf(screen, state, nameOf(view));
    await look(page, view);
    await page.screenshot({ path: join(out, file) });
    const zoom = view.zoom === 1 ? '' : ` at ${view.zoom * 100} %`;
    pictures.push({ screen, state, theme: view.theme, size: `${view.size.join('x')}${zoom}`, file, ok: true });
  }
  return pictures;
}
