// `npm start`: the development FHIR server with synthetic patients, and Wardlight on it.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from './compile.mjs';
import { findRuntime } from './runtime.mjs';
import { isRoot, project, state } from './setup/places.mjs';

const say = (message) => process.stdout.write(`${message}\n`);

/** Chromium's sandbox refuses root, and a virtual display serves where there is none: both take the tour instead. */
const hasDisplay =
  process.platform !== 'linux' || (!isRoot && Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY));

/** Resolves with the first line that a child prints. */
function firstLine(child) {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.once('exit', (code) => reject(new Error(`the server ended with code ${code}`)));
  });
}

/** The same address each time, so that the profile of the last start still has its server. */
const PORT = '47401';

async function startWithWindow() {
  say('server: starting with synthetic patients …');
  const keys = join(state, 'development-keys');
  const serverArgs = [join(project, 'test', 'server', 'cli.ts'), '--port', PORT, '--keys', keys];
  const server = spawn(process.execPath, serverArgs, { stdio: ['ignore', 'pipe', 'inherit'] });
  const { url, users, documents } = JSON.parse(await firstLine(server));
  // The key service has another port each time.
  const policy = join(state, 'development-policy.json');
  writeFileSync(policy, JSON.stringify({ documents }));
  say(`server: ${url}`);
  for (const { display, username, password } of users) say(`server: ${display} signs in as ${username} / ${password}`);
  const userData = join(state, 'development-profile');
  const appArgs = [`--user-data-dir=${userData}`, `--wardlight-server=${url}`, `--wardlight-policy=${policy}`];
  const app = spawn(findRuntime().executable, [project, ...appArgs], { stdio: 'inherit' });
  say('wardlight: opened; close its window or press Ctrl+C to end');
  const end = () => app.kill();
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  app.once('exit', (code) => {
    server.kill();
    process.exitCode = code ?? 0;
  });
}

function startHeadless() {
  const out = join(project, 'tour');
  say(`no display for an ordinary user here: taking the tour on a virtual one; screenshots in ${out}`);
  const tour = spawn(process.execPath, [join(project, 'test', 'tour', 'cli.ts'), '--out', out], { stdio: 'inherit' });
  tour.once('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}

say(compile() ? 'build: built' : 'build: up to date');
if (hasDisplay) await startWithWindow();
else startHeadless();
