import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DevServer, startServer } from '../server/index.ts';
import { type RunningApp, sessionFolder, startApp } from '../support/app.ts';
import { scanFiles } from '../support/canaries.ts';
import { enrol, newUserData, openChart, synced, unlock } from '../support/journey.ts';
import { picturesOf } from '../support/pictures.ts';

const shoot = picturesOf('downtime');
const shots = process.env['WARDLIGHT_SHOTS'];

/** The text of each page of the document that stands open. */
async function pagesOf(page: Page, name: string): Promise<string[]> {
  const bytes = await openBytes(page);
  if (shots) writeFileSync(join(shots, `${name}.pdf`), bytes);
  const pdf = await getDocument({ data: new Uint8Array(bytes), verbosity: 0 }).promise;
  const texts: string[] = [];
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const { items } = await (await pdf.getPage(number)).getTextContent();
    texts.push(items.map((item) => ('str' in item ? item.str : '')).join(' '));
  }
  await pdf.destroy();
  return texts;
}
