import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { wordsOf } from '../../../build/words/extract.ts';
import { coverBlocks } from '../../../main/downtime/cover.ts';
import { es } from '../../../main/downtime/es.ts';
import { binderHtml } from '../../../main/downtime/html.ts';
import { numberSheet } from '../../../main/downtime/number-sheet.ts';
import { footWords, sheetBlocks } from '../../../main/downtime/sheet.ts';
import { wordsIn } from '../../../main/downtime/words.ts';
import { fakePatients } from '../renderer/support/fakeData.ts';
import { fakeSheet } from './fixture.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'main', 'downtime');
const said = new Set(
  readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ts.createSourceFile(name, readFileSync(join(folder, name), 'utf8'), ts.ScriptTarget.Latest, true))
    .flatMap(wordsOf)
    .map(({ words }) => words),
);
const placesIn = (words: string) => [...words.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

it('each word of a binder has its Spanish, with the same places, and no other is there', () => {
  expect(said.size).toBeGreaterThan(100);
  expect([...said].filter((words) => !es[words]?.trim())).toEqual([]);
  expect(Object.keys(es).filter((words) => !said.has(words))).toEqual([]);
  for (const [words, spanish] of Object.entries(es)) expect(placesIn(spanish), words).toEqual(placesIn(words));
});

it('a Spanish sheet of numbers says nothing by itself in English', () => {
  const sheet = numberSheet(wordsIn('es'), { visit: ['7700016'], specimen: ['D01'] }, 0);
  const text = JSON.stringify(sheet);
  for (const title of ['Números de visita', 'Números de muestra', 'Iniciales', '7700016'])
    expect(text).toContain(title);
  expect(text).not.toMatch(/Reserved|Patient|Time|Initials|Visit|Specimen/);
});

it('a Spanish sheet says nothing by itself in English, and what the record says as it is', () => {
  const words = wordsIn('es');
  const now = Date.parse('2026-03-12T14:35:00Z');
  const facts = { words, host: 'fhir.example', now, gridStartHour: 6 };
  const cover = { words, query: '', host: 'h', now, asOf: null, complete: false, withheld: 2, beyond: 7 };
  const sheets = [coverBlocks(fakePatients(2), cover), sheetBlocks(fakeSheet(), facts, null)];
  const html = binderHtml(words, sheets, footWords(words, 'Dr A', now), 'A4');
  expect(html).toContain('<html lang="es">');
  expect(html).toContain('data-page-of="Página {page} de {pages}"');
  for (const title of [
    'Órdenes de reanimación y alertas',
    'Alergias',
    'Últimos resultados',
    'Firmas',
    'Impreso por Dr A',
  ])
    expect(html).toContain(title);
  const text = html.replace(/<style>[\s\S]*?<\/style>/, '').replace(/<[^>]+>/g, '\n');
  const lines = text.split('\n').map((line) => line.trim());
  const { alerts, patient, allergies, problems } = fakeSheet().chart;
  // Sentences, so that a name of the record that is an English word is none of them; an alert has a category of its own.
  const own = alerts.items.map(({ category }) => category);
  const english = [...said].filter((one) => one !== es[one] && one.includes(' ') && !own.includes(one));
  expect(english.filter((one) => lines.some((line) => line.startsWith(one)))).toEqual([]);
  expect(text).toContain(patient.name.family.toUpperCase());
  expect(text).toContain(allergies.items.find(({ criticality }) => criticality === 'high')?.substance);
  expect(text).toContain(problems.items[0]?.text);
});
