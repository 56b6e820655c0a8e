import { useEffect, useRef } from 'react';
import { bridge, codeOf } from './bridge.ts';

type Flush = () => Promise<void>;

const flushes = new Set<Flush>();
/** What is being handed over by parts of the page that are gone from the screen. */
let leaving: Promise<unknown> = Promise.resolve();

/** Hands over, when Wardlight locks or closes, and when the part leaves the screen, what the part has not kept yet. */
export function useFlush(flush: Flush): void {
  const latest = useRef(flush);
  useEffect(() => {
    latest.current = flush;
  });
  useEffect(() => {
    const mine = () => latest.current();
    flushes.add(mine);
    return () => {
      flushes.delete(mine);
      leaving = Promise.all([leaving, mine()]);
    };
  }, []);
}

/** Resolves when nothing is being handed over. */
export function flushed(): Promise<unknown> {
  return leaving;
}

/** Answers main when it is about to take the page away. */
export function answerFlush(): () => void {
  const unsubscribe = bridge().drafts.onFlush(async () => {
    // Nothing of a patient stays on the screen for it.
    document.documentElement.dataset['leaving'] = '';
    await Promise.all([leaving, ...[...flushes].map((flush) => flush())]);
    await codeOf(bridge().drafts.flushed({}));
  });
  return () => {
    unsubscribe();
    // What was hidden is gone; what comes next is to be seen, where the page isn't loaded anew.
    delete document.documentElement.dataset['leaving'];
  };
}
