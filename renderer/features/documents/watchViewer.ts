import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { WATCH } from '../../viewer/messages.ts';
import type { ViewerError } from './documentErrors.ts';

const ASK_MS = 5_000;
/** Half a minute: a large picture holds the viewer up for some seconds on a slow workstation, and nothing for longer. */
const ASKS_MAX = 6;

/** Whether the viewer's process has ended, or doesn't answer any more: `watch` begins with a frame that was loaded. */
export function useWatch(frame: RefObject<HTMLIFrameElement | null>, origin: string) {
  const [stopped, setStopped] = useState<ViewerError | null>(null);
  const end = useRef<() => void>(() => undefined);
  useEffect(() => () => end.current(), []);
  const watch = useCallback(() => {
    const { port1: port, port2: theirs } = new MessageChannel();
    end.current();
    end.current = follow(port, setStopped);
    frame.current?.contentWindow?.postMessage(WATCH, origin, [theirs]);
  }, [frame, origin]);
  return { stopped, watch };
}

/** Follows one end of a channel whose other one the viewer has, until it is told to stop. */
function follow(port: MessagePort, onStopped: (how: ViewerError) => void): () => void {
  let unanswered = 0;
  port.onmessage = () => {
    unanswered = 0;
  };
  // Chromium closes it when the process of the other end is gone.
  const gone = () => {
    stop();
    onStopped('viewer-stopped');
  };
  port.addEventListener('close', gone);
  const timer = setInterval(() => {
    unanswered += 1;
    if (unanswered <= ASKS_MAX) return port.postMessage('there?');
    stop();
    onStopped('viewer-silent');
  }, ASK_MS);
  function stop(): void {
    clearInterval(timer);
    port.removeEventListener('close', gone);
    port.close();
  }
  return stop;
}
