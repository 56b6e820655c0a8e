import type { Port } from './rpc.ts';

/** Electron's `process.parentPort`, which hands messages over in an event. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
}

/** The end of the channel to main, in a utility process. */
export function openParentPort(): Port {
  const { parentPort } = process as unknown as { parentPort: ParentPort };
  return {
    postMessage: (message) => parentPort.postMessage(message),
    on: (event, listener) => parentPort.on(event, ({ data }) => listener(data)),
  };
}
