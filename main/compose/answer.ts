import { uptime } from 'node:os';
import { app } from 'electron';
import type { HealthFacts } from '../../preload/contract/health.ts';
import type { BundlePart } from '../../preload/contract/support.ts';
import { profilesFolder } from '../identity/folders.ts';
import { createProfiles } from '../identity/profiles.ts';
import { policySource } from '../managed/load.ts';
import { createManaged } from '../managed/managed.ts';
import type { Question } from '../shell/start-switches.ts';
import { bundleText, textOf } from '../support/bundle.ts';
import { HEALTH_EXIT, reportOf } from '../support/judge.ts';
import { readKept, stateOf } from '../support/kept-status.ts';
import { undeliveredYet } from '../support/looking.ts';
import { writeDurably } from '../vault/durable.ts';
import { createSystemKeyStore } from '../vault/system-key-store.ts';
import { contentsOf } from './bundle-contents.ts';
import { aboutProgram, commonFacts, keyringHealth } from './support.ts';

/**
 * Answers what the command line asks, on stdout, beside a program that may be running, and without a window, a display or
 * a key. Answers the exit code. Nothing is written anywhere.
 */
export async function answer(question: Question): Promise<number> {
  try {
    const { text, code } = question === 'health' ? await health() : await bundle();
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
    });
    return code;
  } catch {
    process.stderr.write(`wardlight: ${question}: check-failed\n`);
    return HEALTH_EXIT.unknown;
  }
}

async function health() {
  const report = reportOf(await look().then(({ facts }) => facts), Date.now());
  return { text: `${JSON.stringify(report, null, 2)}\n`, code: HEALTH_EXIT[report.health] };
}

async function bundle() {
  const { data, managed, facts } = await look();
  const now = Date.now();
  const contents = await contentsOf(data, managed, async () => reportOf(facts, now));
  const parts = (Object.entries(contents) as [BundlePart, unknown][]).map(([name, value]) => ({
    name,
    text: textOf(value),
  }));
  return { text: bundleText(parts, now), code: 0 };
}

/** How the workstation stands, with what the running program has said last. */
async function look() {
  const data = app.getPath('userData');
  const now = Date.now();
  const managed = await createManaged({
    source: policySource(process.platform, app.isPackaged ? '' : app.commandLine.getSwitchValue('wardlight-policy')),
    // One look, and it ends.
    every: () => undefined,
    wait: async () => undefined,
    onChange: () => undefined,
  });
  const profiles = createProfiles({ root: profilesFolder(data), write: writeDurably, now: () => now });
  const [last, found] = await Promise.all([readKept(data), profiles.list()]);
  const state = stateOf(last?.report ?? null, now, now - uptime() * 1_000);
  const isRunning = state === 'running';
  const told = isRunning ? last?.report.keyring : undefined;
  const { targets } = managed.policy.audit.delivery;
  const said = last?.report.audit;
  const facts: HealthFacts = {
    program: {
      ...aboutProgram(),
      state,
      phase: isRunning ? (last?.report.program.phase ?? null) : null,
      problem: isRunning ? (last?.report.program.problem ?? null) : null,
      startedAt: last?.report.program.startedAt ?? null,
      heartbeatAt: last?.report.time ?? null,
    },
    // The running program has asked in the clinician's session; an agent's has often no way to the keychain.
    keyring: told && told !== 'unknown' ? told : await keyringHealth(createSystemKeyStore()),
    audit: {
      degraded: said?.degraded ?? null,
      // Targets that IT has changed since are others.
      delivery: said?.delivery.length === targets.length ? said.delivery : undeliveredYet(targets),
    },
    update: last?.report.update ?? null,
    ...(await commonFacts({
      data,
      managed,
      found,
      known: new Map(Object.entries(last?.profiles ?? {})),
      open: isRunning ? (last?.open ?? null) : null,
      now,
    })),
  };
  return { data, managed, facts };
}
