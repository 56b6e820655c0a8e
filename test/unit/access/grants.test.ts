import { describe, expect, it } from 'vitest';
import { createGrants } from '../../../main/access/grants.ts';
import type { Grant } from '../../../preload/contract/access.ts';

const MINUTE = 60_000;
const emergency = { patientId: 'p', kind: 'emergency', purpose: 'ETREAT', durationMs: 30 * MINUTE } as const;

function start() {
  const clock = { wall: 1_000_000, counted: 0 };
  const ended: Grant[] = [];
  let timer: { at: number; callback: () => void } | null = null;
  const grants = createGrants(
    {
      now: () => clock.wall,
      monotonic: () => clock.counted,
      after(ms, callback) {
        const mine = { at: clock.counted + ms, callback };
        timer = mine;
        return () => {
          if (timer === mine) timer = null;
        };
      },
    },
    (grant) => ended.push(grant),
  );
  return {
    grants,
    clock,
    ended,
    pass(ms: number) {
      clock.wall += ms;
      clock.counted += ms;
      if (timer && timer.at <= clock.counted) timer.callback();
    },
  };
}

describe('what is open for a time', () => {
  it('security: ends by itself, and says so', () => {
    const { grants, ended, pass } = start();
    grants.open(emergency);
    pass(30 * MINUTE - 1);
    expect(grants.of('p')).toMatchObject({ kind: 'emergency', remainingMs: 1 });
    pass(1);
    expect(ended).toEqual([{ patientId: 'p', kind: 'emergency', purpose: 'ETREAT', remainingMs: 0 }]);
    expect(grants.of('p')).toBeNull();
    expect(grants.list()).toEqual([]);
  });

  it('security: is not made longer by a clock that is set back', () => {
    const { grants, clock, pass } = start();
    grants.open(emergency);
    clock.wall -= 365 * 24 * 60 * MINUTE;
    pass(30 * MINUTE);
    expect(grants.of('p')).toBeNull();
  });

  it('security: is over after a sleep in which nothing counted', () => {
    const { grants, clock } = start();
    grants.open(emergency);
    clock.wall += 31 * MINUTE;
    expect(grants.of('p')).toBeNull();
  });

  it('is of one patient alone, and each ends at its own time', () => {
    const { grants, ended, pass } = start();
    grants.open(emergency);
    pass(10 * MINUTE);
    grants.open({ patientId: 'q', kind: 'purpose', purpose: 'TREAT', durationMs: 30 * MINUTE });
    expect(grants.of('r')).toBeNull();
    pass(20 * MINUTE);
    expect(ended.map(({ patientId }) => patientId)).toEqual(['p']);
    expect(grants.of('q')?.remainingMs).toBe(10 * MINUTE);
    pass(10 * MINUTE);
    expect(ended.map(({ patientId }) => patientId)).toEqual(['p', 'q']);
  });

  it('ends before its time by word, once', () => {
    const { grants, ended } = start();
    grants.open(emergency);
    expect(grants.end('p')).toBe(true);
    expect(grants.end('p')).toBe(false);
    expect(ended).toHaveLength(1);
  });

  it('is all over at once where everything is closed', () => {
    const { grants, ended } = start();
    grants.open(emergency);
    expect(grants.endAll()).toHaveLength(1);
    expect(grants.of('p')).toBeNull();
    expect(ended).toEqual([]);
  });
});
