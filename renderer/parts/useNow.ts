import { useEffect, useState } from 'react';

const TICK = 30_000;

/** The time, renewed twice a minute, so that "3 min ago" stays true on a screen that nobody touches. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), TICK);
    return () => clearInterval(timer);
  }, []);
  return now;
}
