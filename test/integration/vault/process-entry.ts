/*
 * Runs the maintenance process's entry in an ordinary child process: it gives it the `parentPort` that Electron would.
 */
Object.assign(process, {
  parentPort: {
    postMessage: (message: unknown) => process.send?.(message),
    on: (_event: 'message', listener: (event: { data: unknown }) => void) =>
      process.on('message', (data) => listener({ data })),
  },
});

await import('../../../main/cache/maintenance-process.ts');

export {};
