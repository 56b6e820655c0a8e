import * as z from 'zod';
import type { Audit } from './audit.ts';
import type { AuditEntry } from './events/entry.ts';

/** What was in force at the last start; damaged or missing, it reads as the first one. */
const lastStart = z.strictObject({ version: z.string(), policy: z.string() });

export interface ProgramOptions {
  readonly audit: Pick<Audit, 'note'>;
  /** Of Wardlight, and the digest of machine policy. */
  readonly version: string;
  readonly policy: () => string;
  /** Text of what was kept at the last start; null where there is none. */
  readonly read: () => Promise<string | null>;
  readonly write: (text: string) => Promise<void>;
  readonly clocks: { wall(): number; uptime(): number };
  /** When the log was last signed before this start; null where it wasn't, or can't be opened. */
  readonly lastSigned: () => Promise<number | null>;
  /** Change of the clock from which on it is recorded. */
  readonly clockJumpMs: number;
}

/** What the program records of itself: its start and end, what it runs as, and the clock that it goes by. */
export interface ProgramRecord {
  started(): Promise<void>;
  /** Machine policy is another one while the program runs. */
  policyChanged(): Promise<void>;
  stopped(): Promise<void>;
  /** A person has changed a setting of the program. */
  setting(by: Pick<AuditEntry, 'practitioner' | 'server'>, name: string, value: string): Promise<void>;
  /** To be called often: whether the workstation's clock was set since the last time. */
  tick(): void;
  /** How far the server's clock is ahead, where that is more than policy allows. */
  serverClock(offsetMs: number | null, server: string): void;
}

const itself = { practitioner: null, server: '' } as const;

export function createProgramRecord(options: ProgramOptions): ProgramRecord {
  const { audit, version, policy, read, write, clocks, lastSigned, clockJumpMs } = options;
  const difference = () => clocks.wall() - clocks.uptime();
  let before = difference();
  let isAstray = false;
  /** Until the start is recorded, what has changed is told by that. */
  let isStarted = false;
  let comparing = Promise.resolve();

  /** What has changed since the last start: nobody is there to be asked who did it. */
  async function compare(): Promise<void> {
    const now = policy();
    const last = parsed(await read());
    if (last && last.version !== version) {
      const details = { version, value: last.version };
      await audit.note({ action: 'program-update', ...itself, details });
    }
    if (last && last.policy !== now) {
      const details = { setting: 'machine-policy', policy: now, value: last.policy };
      await audit.note({ action: 'configuration', ...itself, details });
    }
    if (last?.version !== version || last.policy !== now) await write(JSON.stringify({ version, policy: now }));
  }

  /** One after the other: two at once would both find what was kept before, and tell it twice. */
  function compareInTurn(): Promise<void> {
    comparing = comparing.then(compare).catch(() => undefined);
    return comparing;
  }

  function jumped(view: string, milliseconds: number, server = ''): void {
    const details = { milliseconds: String(Math.round(milliseconds)) };
    void audit.note({ action: 'clock-jump', practitioner: null, server, view, details });
  }

  /** Whether the clock was set back while the program didn't run: then it has signed later than now. */
  async function compareClock(): Promise<void> {
    const signed = await lastSigned();
    if (signed !== null && signed - clocks.wall() >= clockJumpMs) jumped('clock.log', clocks.wall() - signed);
  }

  return {
    async started() {
      await audit.note({ action: 'start', ...itself, details: { version, policy: policy() } });
      isStarted = true;
      await compareInTurn();
      await compareClock();
    },
    async policyChanged() {
      if (isStarted) await compareInTurn();
    },
    stopped: () => audit.note({ action: 'stop', ...itself }),
    setting: (by, name, value) => audit.note({ action: 'configuration', ...by, details: { setting: name, value } }),
    tick() {
      const now = difference();
      if (Math.abs(now - before) >= clockJumpMs) jumped('clock.workstation', now - before);
      before = now;
    },
    serverClock(offsetMs, server) {
      if (offsetMs !== null && !isAstray) jumped('clock.server', -offsetMs, server);
      isAstray = offsetMs !== null;
    },
  };
}

function parsed(text: string | null): z.infer<typeof lastStart> | null {
  try {
    const read = lastStart.safeParse(JSON.parse(text ?? ''));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
