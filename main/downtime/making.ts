import type { Result } from '../../preload/contract/channel.ts';
import type { BinderScope } from '../../preload/contract/downtime.ts';
import type { Contract, ErrorCode } from '../../preload/contract/index.ts';
import type { Language } from '../../preload/contract/languages.ts';
import type { PatientRow } from '../../preload/contract/patients.ts';
import { phrasesIn } from '../../preload/contract/phrases.ts';
import { allInWords } from '../../preload/contract/placeholders.ts';
import type { ListedPatients, Sheet, Sheets } from '../access/sheets.ts';
import type { DowntimePolicy } from '../managed/downtime.ts';
import type { Paper } from '../shell/paper.ts';
import type { SheetOfBlocks } from './blocks.ts';
import { coverBlocks, nameAlertOf } from './cover.ts';
import { binderHtml } from './html.ts';
import { type Layout, layOutSource } from './pages.ts';
import { placeholderWords } from './placeholder-words.ts';
import { footWords, sheetBlocks } from './sheet.ts';
import type { BinderContent, KeptBinder } from './store.ts';
import { type Words, wordsIn } from './words.ts';

export type MakeCode = ErrorCode<Contract['downtime']['calls']['make']>;

export interface MakingOptions {
  readonly sheets: Sheets;
  readonly paper: Paper;
  readonly policy: DowntimePolicy;
  readonly host: string;
  /** Who prints: the clinician's name. */
  readonly display: string;
  /** The workstation's language at this moment. */
  readonly language: () => Promise<Language>;
  readonly now: () => number;
  readonly newId: () => string;
}

interface Progress {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** Makes a binder: decides and reads patient by patient, and lays all of it out. */
export type MakeBinder = (
  scope: BinderScope,
  progress: Progress,
) => Promise<Result<{ binder: KeptBinder; content: BinderContent }, MakeCode>>;

const DAY_MS = 24 * 60 * 60_000;

interface Gathered {
  readonly sheets: readonly Sheet[];
  readonly withheld: number;
  /** Null for one patient's sheet. */
  readonly list: ListedPatients | null;
}

export function createMaking(options: MakingOptions): MakeBinder {
  const { sheets, paper, policy, host, display, language, now, newId } = options;

  async function gather(scope: BinderScope, { signal, onProgress }: Progress): Promise<Result<Gathered, MakeCode>> {
    const since = new Date(now() - DAY_MS).toISOString();
    if (scope.kind === 'patient') {
      const one = await sheets.sheet(scope.patientId, since);
      return one.ok ? { ok: true, value: { sheets: [one.value], withheld: 0, list: null } } : one;
    }
    const list = await sheets.list(scope.query, policy.patientsMax);
    if (!list) return failed('not-permitted');
    const gathered: Sheet[] = [];
    for (const [index, row] of list.rows.entries()) {
      if (signal.aborted) return failed('binder-cancelled');
      onProgress(index, list.rows.length);
      const one = await sheets.sheet(row.id, since);
      if (one.ok) gathered.push(one.value);
      else if (one.error.code !== 'not-permitted' && one.error.code !== 'not-found') return one;
    }
    onProgress(list.rows.length, list.rows.length);
    if (list.rows.length === 0) return failed('binder-empty');
    return { ok: true, value: { sheets: gathered, withheld: list.rows.length - gathered.length, list } };
  }

  function blocksOf(
    words: Words,
    { sheets: all, withheld, list }: Gathered,
    scope: BinderScope,
    time: number,
  ): SheetOfBlocks[] {
    const rows: PatientRow[] = all.map(({ chart }) => chart.patient);
    const facts = { words, host, now: time, gridStartHour: policy.gridStartHour };
    const similar = new Set(list?.rows.filter((row) => row.similar).map(({ id }) => id));
    const parts = all.map((sheet) => {
      const { patient } = sheet.chart;
      return sheetBlocks(sheet, facts, nameAlertOf(words, { ...patient, similar: similar.has(patient.id) }, rows));
    });
    if (scope.kind === 'patient' || !list) return parts;
    const { asOf, complete, total } = list;
    const beyond = total - list.rows.length;
    const plain = rows.map(({ identifiers: _, ...row }: PatientRow & { identifiers?: unknown }) => row);
    return [
      coverBlocks(plain, { words, query: scope.query, host, now: time, asOf, complete, withheld, beyond }),
      ...parts,
    ];
  }

  async function laidOut(html: string, signal: AbortSignal): Promise<Result<{ pages: number; pdf: Buffer }, MakeCode>> {
    const page = await paper.open(html);
    const end = () => page.close();
    signal.addEventListener('abort', end);
    try {
      const layout = await page.run<Layout>(layOutSource());
      if (layout.pages === 0 || layout.overflowing > 0) return failed('binder-layout');
      return { ok: true, value: { pages: layout.pages, pdf: Buffer.from(await page.pdf()) } };
    } catch {
      return failed(signal.aborted ? 'binder-cancelled' : 'binder-layout');
    } finally {
      signal.removeEventListener('abort', end);
      page.close();
    }
  }

  return async (scope, progress) => {
    const time = now();
    const gathered = await gather(scope, progress);
    if (!gathered.ok) return gathered;
    const { value } = gathered;
    const spoken = await language();
    const words = wordsIn(spoken);
    const foot = footWords(words, display, time);
    const html = binderHtml(
      words,
      blocksOf(words, allInWords(value, { ...phrasesIn(spoken), ...placeholderWords(words.t) }), scope, time),
      foot,
      policy.paper,
    );
    const laid = await laidOut(html, progress.signal);
    if (!laid.ok) return laid;
    if (progress.signal.aborted) return failed('binder-cancelled');
    const binder: KeptBinder = {
      id: newId(),
      scope,
      madeAt: new Date(time).toISOString(),
      asOf: oldestOf(value.sheets),
      pages: laid.value.pages,
      patients: value.sheets.length,
      withheld: value.withheld,
      patientIds: value.sheets.map(({ chart }) => chart.patient.id),
    };
    return { ok: true, value: { binder, content: { html, pdf: laid.value.pdf } } };
  };
}

/** Null where one of them has a part that was never fetched. */
function oldestOf(sheets: readonly Sheet[]): string | null {
  const times = sheets.map(({ chart }) => chart.asOf);
  const known = times.filter((one) => one !== null);
  if (known.length < times.length || known.length === 0) return null;
  return known.reduce((oldest, one) => (Date.parse(one) < Date.parse(oldest) ? one : oldest));
}

function failed<Code extends string>(code: Code): Result<never, Code> {
  return { ok: false, error: { code } };
}
