import { type ChildPort, serve } from '../cache/rpc.ts';
import { storeErrorOf } from '../cache/store-error.ts';
import { createAuditLog } from './log.ts';

type Listener = (message: unknown) => void;

/** The audit process within this one, for who has nothing else to do meanwhile. */
export function localPort(): ChildPort {
  const [toMain, toLog]: [Listener[], Listener[]] = [[], []];
  const exits: Listener[] = [];
  const send = (to: Listener[], message: unknown) => {
    setImmediate(() => {
      for (const listener of to) listener(structuredClone(message));
    });
  };
  serve(
    { postMessage: (message) => send(toMain, message), on: (_event, listener) => toLog.push(listener) },
    createAuditLog(),
    storeErrorOf,
  );
  return {
    postMessage: (message: unknown) => send(toLog, message),
    on: (event: 'message' | 'exit', listener: (value: never) => void) =>
      (event === 'message' ? toMain : exits).push(listener as Listener),
    kill() {
      for (const listener of exits) listener(0);
    },
  };
}
