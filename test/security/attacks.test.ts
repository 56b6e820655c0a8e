import { afterAll, beforeAll, describe } from 'vitest';
import type { DevServer } from '../server/index.ts';
import { type RunningApp, startApp } from '../support/app.ts';
import { attack } from '../support/attacks/program.ts';
import { enrol, newUserData, smallServer, synced } from '../support/journey.ts';

/** Chromium's own test camera, so that there is one to be refused. */
const CAMERA = '--use-fake-device-for-media-stream';

/* The same as test/package/attacks.test.ts does to the packaged program. */
describe('the built program', () => {
  let server: DevServer;
  let running: RunningApp;
  const userData = newUserData();

  beforeAll(async () => {
    server = await smallServer(4);
    running = await startApp({
      userData,
      server: server.url,
      policy: { unlock: { maxAttempts: 1_000 } },
      args: [CAMERA],
    });
    await enrol(running.page);
    await synced(running.page);
  });
  afterAll(async () => {
    await running?.app.close();
    await server?.stop();
  });

  attack(() => ({ page: running.page, pid: running.app.process().pid ?? 0, userData, server }), {
    calls: 3,
    addresses: 60,
  });
});
