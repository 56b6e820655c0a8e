import type { ElectronApplication } from 'playwright';

/** Has main note how large each answer to the page is, as it crosses between the processes. */
export function notePayloads(app: ElectronApplication): Promise<void> {
  return app.evaluate(({ ipcMain }) => {
    const { serialize } = process.getBuiltinModule('node:v8');
    const sizes = new Map<string, number>();
    Reflect.set(globalThis, 'payloadSizes', sizes);
    // Electron keeps the handlers there.
    const handlers: Map<string, (...args: unknown[]) => unknown> = Reflect.get(ipcMain, '_invokeHandlers');
    for (const [channel, handler] of handlers) {
      handlers.set(channel, async (...args) => {
        const answer = await handler(...args);
        sizes.set(channel, Math.max(sizes.get(channel) ?? 0, serialize(answer).length));
        return answer;
      });
    }
  });
}

/** The largest answer of each call so far, in bytes. */
export function payloads(app: ElectronApplication): Promise<Record<string, number>> {
  return app.evaluate(() => Object.fromEntries(Reflect.get(globalThis, 'payloadSizes')));
}
