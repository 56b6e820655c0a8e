import type { Grant } from '../../preload/contract/access.ts';

/** Clocks and a timer, as handed in. */
export interface GrantTimes {
  /** Wall clock in milliseconds: goes on while the workstation sleeps, but can be set back. */
  now(): number;
  /** Milliseconds that only ever count up: can't be set back, but may stand still while the workstation sleeps. */
  monotonic(): number;
  after(ms: number, callback: () => void): () => void;
}

interface Open {
  readonly patientId: string;
  readonly kind: Grant['kind'];
  readonly purpose: Grant['purpose'];
  readonly durationMs: number;
  readonly wall: number;
  readonly counted: number;
}

/** What is open of single patients beyond the ordinary, each for a limited time. */
export interface Grants {
  open(grant: Pick<Grant, 'patientId' | 'kind' | 'purpose'> & { durationMs: number }): Grant;
  /** What is open of a patient now; null for nothing. */
  of(patientId: string): Grant | null;
  list(): Grant[];
  /** Closes before its time is over; false where there was nothing. */
  end(patientId: string): boolean;
  /** Closes everything, and answers what was open. */
  endAll(): Grant[];
}

/** `onEnd` hears of each that is over, by time or by word. */
export function createGrants(times: GrantTimes, onEnd: (grant: Grant) => void): Grants {
  const opened = new Map<string, Open>();
  let cancel: () => void = () => undefined;

  /** By whichever clock went further: neither a clock that is set back nor a sleep makes it longer. */
  function remaining({ durationMs, wall, counted }: Open): number {
    const gone = Math.max(times.now() - wall, times.monotonic() - counted);
    return Math.max(0, durationMs - gone);
  }

  function told(open: Open): Grant {
    const { patientId, kind, purpose } = open;
    return { patientId, kind, purpose, remainingMs: Math.round(remaining(open)) };
  }

  function close(open: Open): void {
    opened.delete(open.patientId);
    onEnd({ ...told(open), remainingMs: 0 });
  }

  function closeExpired(): void {
    for (const open of [...opened.values()]) if (remaining(open) <= 0) close(open);
  }

  function schedule(): void {
    cancel();
    const next = Math.min(...[...opened.values()].map(remaining));
    if (!Number.isFinite(next)) return;
    cancel = times.after(Math.max(1, Math.ceil(next)), () => {
      closeExpired();
      schedule();
    });
  }

  return {
    open({ durationMs, ...grant }) {
      const open: Open = { ...grant, durationMs, wall: times.now(), counted: times.monotonic() };
      opened.set(grant.patientId, open);
      schedule();
      return told(open);
    },
    of(patientId) {
      closeExpired();
      const open = opened.get(patientId);
      return open ? told(open) : null;
    },
    list() {
      closeExpired();
      return [...opened.values()].map(told);
    },
    end(patientId) {
      const open = opened.get(patientId);
      if (!open) return false;
      close(open);
      schedule();
      return true;
    },
    endAll() {
      const all = [...opened.values()].map(told);
      opened.clear();
      cancel();
      return all;
    },
  };
}
