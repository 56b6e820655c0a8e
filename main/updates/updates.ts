import { isDeepStrictEqual } from 'node:util';
import type { Result } from '../../preload/contract/channel.ts';
import type { UpdateError, UpdateHold, UpdateProblem, UpdateState } from '../../preload/contract/updates.ts';
import type { UpdatesPolicy } from '../managed/updates.ts';
import type { Offer } from './check.ts';
import type { Artifact } from './documents.ts';
import { refused } from './refused.ts';

const DAY_MS = 86_400_000;
/** Behind everything that an unlock needs. */
const FIRST_LOOK_MS = 60_000;
/** How often it is looked whether something still stands in the way, while a version waits. */
const HOLDS_MS = 15_000;
/** Closing doesn't wait longer for a feed that doesn't answer; the version then waits for the next time. */
const CLOSING_MS = 5_000;

export interface UpdatesOptions {
  readonly policy: UpdatesPolicy;
  readonly installed: string;
  /** Looks at the feed; null where there is nothing newer. */
  readonly checkFeed: () => Promise<Result<Offer | null, UpdateProblem>>;
  /** Fetches the file of an offer and answers its path; it is then what was signed. */
  readonly fetchFile: (offer: Offer) => Promise<Result<string, UpdateProblem>>;
  readonly isAsSigned: (path: string, artifact: Artifact) => Promise<boolean>;
  /** Keeps until when somebody has put a version off; milliseconds. */
  readonly keepPutOff: (until: number) => Promise<Result<void, UpdateProblem>>;
  /** The version that lies on the disk in the program's place; null where it is the one that runs. */
  readonly onDisk: () => Promise<string | null>;
  /** What would be interrupted now. */
  readonly holds: () => Promise<readonly UpdateHold[]>;
  /** Hands a verified file to the installer; false where it was not installed. */
  readonly install: (path: string, offer: Offer) => Promise<boolean>;
  /** Closes the program, and starts it anew once it has put everything away. */
  readonly restart: () => void;
  readonly now: () => number;
  readonly after: (ms: number, callback: () => void) => () => void;
  readonly onState: (state: UpdateState) => void;
}

type Looked = Result<Record<string, never>, UpdateProblem>;
type Done = Result<Record<string, never>, UpdateError>;
const done = { ok: true, value: {} } as const;

/** New versions of the program: looked for, told, and installed when nothing is interrupted by it. */
export interface Updates {
  /** How it stands, without anything about patients: for the page, and for whoever monitors the workstation. */
  state(): UpdateState;
  begin(): void;
  check(): Promise<Looked>;
  putOff(): Promise<Done>;
  agree(): Promise<Done>;
  installNow(): Promise<Done>;
  /** Before anything is closed: what installs afterwards; null where nothing is to be installed. */
  beforeClosing(): Promise<(() => Promise<boolean>) | null>;
  end(): void;
}

/** What waits to be installed. */
interface Ready {
  readonly path: string;
  readonly offer: Offer;
}

const iso = (time: number | null) => (time === null ? null : new Date(time).toISOString());

export function createUpdates(options: UpdatesOptions): Updates {
  const { policy, installed, now, after } = options;
  let state: UpdateState = {
    mode: policy.mode,
    installed,
    stage: 'none',
    offer: null,
    holds: [],
    checkedAt: null,
    problem: null,
  };
  let ready: Ready | null = null;
  let looking: Promise<Looked> | null = null;
  let forgetLook: () => void = () => undefined;
  let forgetHolds: () => void = () => undefined;

  function enter(change: Partial<UpdateState>): void {
    const next = { ...state, ...change };
    if (isDeepStrictEqual(next, state)) return;
    state = next;
    options.onState(next);
  }

  const untilOf = (since: number) => iso(since + policy.deferDays * DAY_MS);

  function shown({ version, releasedAt, isRequired, since, putOffUntil }: Offer): NonNullable<UpdateState['offer']> {
    return { version, releasedAt, isRequired, until: untilOf(since), putOffUntil: iso(putOffUntil) };
  }

  function nothing(change: Partial<UpdateState>): void {
    ready = null;
    enter({ stage: 'none', offer: null, holds: [], problem: null, ...change });
  }

  async function lookAtFeed(): Promise<Looked> {
    const { stage } = state;
    if (stage === 'none') enter({ stage: 'checking' });
    const found = await options.checkFeed();
    if (!found.ok) {
      const { code } = found.error;
      // A feed that can't be reached takes nothing back; whatever else is wrong with it does.
      if (code === 'feed-unreachable' && ready) enter({ stage, problem: code });
      else nothing({ problem: code });
      return found;
    }
    const checkedAt = iso(now());
    const offer = found.value;
    if (!offer) {
      nothing({ checkedAt });
      return done;
    }
    const fetched = await fileOf(offer, checkedAt);
    if (!fetched.ok) {
      nothing({ problem: fetched.error.code, checkedAt });
      return fetched;
    }
    ready = { path: fetched.value, offer };
    enter({ stage: stage === 'agreed' ? stage : 'ready', offer: shown(offer), checkedAt, problem: null });
    return done;
  }

  /** The file that is here already, where it still is what was signed. */
  async function fileOf(offer: Offer, checkedAt: string | null): Promise<Result<string, UpdateProblem>> {
    if (ready && (await options.isAsSigned(ready.path, offer.artifact))) return { ok: true, value: ready.path };
    ready = null;
    enter({ stage: 'downloading', offer: shown(offer), checkedAt, problem: null });
    return options.fetchFile(offer);
  }

  async function lookAtDisk(): Promise<Looked> {
    const version = await options.onDisk();
    const checkedAt = iso(now());
    if (version === null) {
      nothing({ checkedAt });
      return done;
    }
    const known = state.offer?.version === version ? state.offer : null;
    const fresh = { version, releasedAt: null, isRequired: false, until: untilOf(now()), putOffUntil: null };
    enter({ stage: 'restart', offer: known ?? fresh, checkedAt, problem: null });
    return done;
  }

  async function lookOnce(): Promise<Looked> {
    enter({ mode: policy.mode });
    if (policy.mode === 'off') {
      nothing({});
      return done;
    }
    const looked = await (policy.mode === 'feed' ? lookAtFeed() : lookAtDisk());
    await lookAtHolds();
    return looked;
  }

  /** One look at a time; who asks meanwhile gets the answer of that one. */
  function look(): Promise<Looked> {
    looking ??= lookOnce().finally(() => {
      looking = null;
    });
    return looking;
  }

  async function lookAtHolds(): Promise<void> {
    if (state.offer !== null) enter({ holds: [...(await options.holds())] });
  }

  const isWaiting = () => state.stage === 'ready' || state.stage === 'agreed' || state.stage === 'restart';

  /** Asked anew each time: it may have been taken back, and something may have been begun. */
  async function mayGoOn(): Promise<Done> {
    if (!isWaiting()) return refused('update-not-offered');
    await lookAtHolds();
    if (state.holds.length > 0) return refused('update-held');
    const looked = await look();
    if (!looked.ok) return refused('update-failed');
    if (!isWaiting()) return refused('update-not-offered');
    return state.holds.length > 0 ? refused('update-held') : done;
  }

  function again(ms: number): void {
    forgetLook = after(ms, () => {
      again(policy.checkMinutes * 60_000);
      void look().catch(() => undefined);
    });
  }

  function watchHolds(): void {
    forgetHolds = after(HOLDS_MS, () => {
      watchHolds();
      void lookAtHolds().catch(() => undefined);
    });
  }

  /** What is to be installed once everything is closed. A person has agreed, or could have put it off long enough. */
  async function due(): Promise<Ready | null> {
    const isOverdue = state.offer?.until != null && Date.parse(state.offer.until) <= now();
    if (state.stage !== 'agreed' && !(state.stage === 'ready' && isOverdue)) return null;
    return (await mayGoOn()).ok ? ready : null;
  }

  return {
    state: () => state,
    begin() {
      again(FIRST_LOOK_MS);
      watchHolds();
    },
    check: look,

    async putOff() {
      const { offer, stage } = state;
      if (!offer || !isWaiting()) return refused('update-not-offered');
      const latest = offer.until === null ? Number.POSITIVE_INFINITY : Date.parse(offer.until);
      if (latest <= now()) return refused('update-too-late');
      const until = Math.min(now() + DAY_MS, latest);
      if (ready) {
        const kept = await options.keepPutOff(until);
        if (!kept.ok) {
          enter({ problem: kept.error.code });
          return refused('update-failed');
        }
      }
      enter({ stage: stage === 'restart' ? stage : 'ready', offer: { ...offer, putOffUntil: iso(until) } });
      return done;
    },

    async agree() {
      if (state.stage !== 'ready' && state.stage !== 'agreed') return refused('update-not-offered');
      enter({ stage: 'agreed' });
      return done;
    },

    async installNow() {
      const may = await mayGoOn();
      if (!may.ok) return may;
      if (state.stage === 'ready') enter({ stage: 'agreed' });
      options.restart();
      return done;
    },

    async beforeClosing() {
      let forget: () => void = () => undefined;
      const tooLong = new Promise<null>((resolve) => {
        forget = after(CLOSING_MS, () => resolve(null));
      });
      const waits = await Promise.race([due().catch(() => null), tooLong]);
      forget();
      if (!waits) return null;
      const { path, offer } = waits;
      // Days may have passed since it was fetched, and a moment since it was looked at.
      return async () => (await options.isAsSigned(path, offer.artifact)) && options.install(path, offer);
    },

    end() {
      forgetLook();
      forgetHolds();
    },
  };
}
