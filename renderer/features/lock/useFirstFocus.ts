import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * The element that has the focus when its screen comes. By script, because a browser heeds `autofocus` once per page
 * only.
 */
export function useFirstFocus<Focusable extends HTMLElement>(focused: boolean): RefObject<Focusable | null> {
  const ref = useRef<Focusable>(null);
  useLayoutEffect(() => {
    if (focused) ref.current?.focus();
  }, [focused]);
  return ref;
}
