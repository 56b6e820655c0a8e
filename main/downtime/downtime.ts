import type { Result } from '../../preload/contract/channel.ts';
import type { Binder, BinderScope, DowntimeState } from '../../preload/contract/downtime.ts';
import type { Sheets, SheetUse } from '../access/sheets.ts';
import type { Handlers } from '../ipc/bind.ts';
import type { DowntimePolicy } from '../managed/downtime.ts';
import type { Paper } from '../shell/paper.ts';
import type { ReadContent } from '../shell/viewer-content.ts';
import type { MakeBinder, MakeCode } from './making.ts';
import type { NumberingHandlers } from './numbering.ts';
import { layOutSource } from './pages.ts';
import type { BinderContent, BinderStore, KeptBinder } from './store.ts';

export interface DowntimeOptions {
  readonly sheets: Pick<Sheets, 'use'>;
  readonly make: MakeBinder;
  readonly store: BinderStore;
  readonly paper: Paper;
  readonly policy: DowntimePolicy;
  /** Policy lets them be printed. */
  readonly mayPrint: () => boolean;
  readonly now: () => number;
  readonly newId: () => string;
  readonly onState: (state: DowntimeState) => void;
  /** The OS's dialog: where to save; null where a person has cancelled. */
  readonly askWhere: (name: string) => Promise<string | null>;
  readonly saveFile: (path: string, bytes: Uint8Array) => Promise<void>;
  /** What is wrong with the disk, of an error; null where it is something else. */
  readonly diskErrorOf: (error: unknown) => 'disk-full' | 'store-failed' | null;
}

/** Of binders; those of numbers are apart (numbering.ts). */
type BinderHandlers = Omit<Handlers['downtime'], keyof NumberingHandlers>;

export interface Downtime {
  readonly handlers: BinderHandlers;
  /** Pages of a binder that stands open, for the viewer. */
  readonly content: ReadContent;
  isShowing(): boolean;
  /** Makes the binder of the whole list, for the schedule. */
  makeList(): Promise<void>;
  /** When the newest of the whole list was made, in milliseconds. */
  lastMade(): number | null;
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Of one scope; older ones are there for who has printed from them. */
const KEPT_MAX = 3;
const HOUR_MS = 60 * 60_000;
const done = { ok: true, value: {} } as const;

const keyOf = (scope: BinderScope) => (scope.kind === 'patient' ? `patient ${scope.patientId}` : `list ${scope.query}`);
const isWholeList = ({ scope }: Pick<KeptBinder, 'scope'>) => scope.kind === 'list' && scope.query === '';
/** As the page hears of it. */
const told = ({ patientIds: _, ...one }: KeptBinder): Binder => one;

export function createDowntime(options: DowntimeOptions): Downtime {
  const { sheets, make, store, paper, policy, mayPrint, now, newId, onState } = options;
  const showing = new Map<string, { binder: KeptBinder; content: BinderContent }>();
  let kept: KeptBinder[] = [];
  let making: {
    state: NonNullable<DowntimeState['making']>;
    aborter: AbortController;
    ended: Promise<unknown>;
  } | null = null;
  let lastFailure: DowntimeState['failed'] = null;

  function state(): DowntimeState {
    const newest = kept.filter(
      (one, index) => kept.findIndex((other) => keyOf(other.scope) === keyOf(one.scope)) === index,
    );
    const { binder: on, saveAs: maySave, everyMinutes } = policy;
    return {
      on,
      mayPrint: mayPrint(),
      maySave,
      everyMinutes,
      kept: newest.slice(0, 1_000).map(told),
      making: making?.state ?? null,
      failed: lastFailure,
    };
  }
  const tell = () => onState(state());

  /** Deletes what is too old, or one too many of its scope; the newest of the whole list stays. */
  async function tidy(): Promise<void> {
    const counts = new Map<string, number>();
    const stays = kept.find(isWholeList);
    const isOver = (one: KeptBinder) => {
      const count = (counts.get(keyOf(one.scope)) ?? 0) + 1;
      counts.set(keyOf(one.scope), count);
      return one !== stays && (count > KEPT_MAX || now() - Date.parse(one.madeAt) > policy.retentionHours * HOUR_MS);
    };
    const over = kept.filter(isOver);
    kept = kept.filter((one) => !over.includes(one));
    for (const one of over) await store.remove(one.id);
  }

  async function made(scope: BinderScope, aborter: AbortController): Promise<Result<Binder, MakeCode>> {
    const onProgress = (so: number, total: number) => {
      if (making) making.state = { scope, done: so, total };
      tell();
    };
    const answer = await make(scope, { signal: aborter.signal, onProgress });
    if (!answer.ok) return answer;
    const { binder, content } = answer.value;
    try {
      await store.keep(binder, content);
    } catch (error) {
      return failed(options.diskErrorOf(error) ?? 'store-failed');
    }
    kept = [binder, ...kept];
    await tidy();
    return { ok: true, value: told(binder) };
  }

  async function makeOne(scope: BinderScope): Promise<Result<Binder, MakeCode>> {
    if (!policy.binder) return failed('binder-off');
    if (making) return failed('binder-busy');
    const aborter = new AbortController();
    const run = made(scope, aborter);
    making = { state: { scope, done: 0, total: 0 }, aborter, ended: run.catch(() => undefined) };
    tell();
    let code: string | null = 'internal';
    try {
      const answer = await run;
      code = answer.ok || answer.error.code === 'binder-cancelled' ? null : answer.error.code;
      return answer;
    } finally {
      making = null;
      lastFailure = code === null ? null : { code, at: new Date(now()).toISOString() };
      tell();
    }
  }

  /** Asks and records for each patient in it before it is looked at or leaves. */
  async function used({ patientIds }: KeptBinder, use: SheetUse) {
    const answer = await sheets.use(patientIds, use);
    if (answer.ok) return answer;
    return answer.error.code === 'not-permitted' ? failed('binder-outdated') : failed(answer.error.code);
  }

  async function printed({ html }: BinderContent): Promise<boolean> {
    const page = await paper.open(html);
    try {
      await page.run(layOutSource());
      return await page.print(policy.paper);
    } finally {
      page.close();
    }
  }

  const handlers: BinderHandlers = {
    state: () => ({ ok: true, value: state() }),
    make: ({ scope }) => makeOne(scope),
    cancel() {
      making?.aborter.abort();
      return done;
    },
    async open({ id }) {
      const binder = kept.find((one) => one.id === id);
      if (!binder) return failed('not-found');
      const content = await store.read(id);
      if (!content) return failed('binder-damaged');
      const permitted = await used(binder, 'open');
      if (!permitted.ok) return permitted;
      const handle = newId();
      showing.set(handle, { binder, content });
      return { ok: true, value: { handle, size: content.pdf.length, binder: told(binder) } };
    },
    close({ handle }) {
      showing.delete(handle);
      return done;
    },
    async print({ handle }) {
      const one = showing.get(handle);
      if (!one) return failed('binder-not-open');
      if (!mayPrint()) return failed('not-permitted');
      const permitted = await used(one.binder, 'print');
      return permitted.ok ? { ok: true, value: { printed: await printed(one.content) } } : permitted;
    },
    async saveAs({ handle }) {
      const one = showing.get(handle);
      if (!one) return failed('binder-not-open');
      if (!policy.saveAs) return failed('not-permitted');
      // Nothing of a patient is in the name.
      const target = await options.askWhere('downtime-binder.pdf');
      if (target === null) return { ok: true, value: null };
      const permitted = await used(one.binder, 'save');
      if (!permitted.ok) return permitted;
      try {
        await options.saveFile(target, one.content.pdf);
      } catch (error) {
        return failed(options.diskErrorOf(error) ?? 'store-failed');
      }
      return { ok: true, value: { name: target.split(/[\\/]/).at(-1) ?? '' } };
    },
  };

  return {
    handlers,
    async content(handle, { offset, length }) {
      const pdf = showing.get(handle)?.content.pdf;
      return pdf ? { bytes: pdf.subarray(offset, offset + length), total: pdf.length } : null;
    },
    isShowing: () => showing.size > 0,
    async makeList() {
      await makeOne({ kind: 'list', query: '' });
    },
    lastMade() {
      const newest = kept.find(isWholeList);
      return newest ? Date.parse(newest.madeAt) : null;
    },
    async open() {
      kept = await store.list();
      await tidy();
      tell();
    },
    async close() {
      making?.aborter.abort();
      await making?.ended;
      showing.clear();
    },
  };
}

function failed<Code extends string>(code: Code): Result<never, Code> {
  return { ok: false, error: { code } };
}
