import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { forbidCoreDumps } from '../../../main/shell/core-dumps.ts';

const coreOf = (pid: number) =>
  /^Max core file size +(\S+) +(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[2];

it.runIf(process.platform === 'linux')(
  'security: a process that starts while others are being limited may not be written to a disk either',
  async () => {
    // First of this file: once this process is limited, what it starts is so from its start.
    // Starts one below it every few milliseconds, each of which stays: there is always one that no list has yet.
    const busy = spawn('sh', ['-c', 'for i in $(seq 40); do sleep 60 & echo $!; sleep 0.003; done; wait'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let told = '';
    busy.stdout.on('data', (data) => {
      told += String(data);
    });
    const started = () => told.trim().split('\n').filter(Boolean).map(Number);
    try {
      await once(busy.stdout, 'data');
      expect(await forbidCoreDumps()).toBe(true);
      await expect.poll(() => started().length).toBe(40);
      expect(new Set(started().map(coreOf))).toEqual(new Set(['0']));
    } finally {
      for (const pid of started()) process.kill(pid);
      busy.kill();
    }
  },
);

it.runIf(process.platform === 'linux')(
  'security: no process of the program, nor any that it will start, may be written to a disk by the OS',
  async () => {
    // A process below a process below this one.
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
    let deepest = 0;
    try {
      const [line] = await once(parent.stdout, 'data');
      deepest = Number(String(line));
      const pids = [process.pid, parent.pid ?? 0, deepest];
      expect(await forbidCoreDumps()).toBe(true);
      expect(pids.map(coreOf)).toEqual(['0', '0', '0']);
    } finally {
      if (deepest > 0) process.kill(deepest);
      parent.kill();
    }
  },
);

it('asks nothing of a system that has no such switch', async () => {
  expect(await forbidCoreDumps('win32')).toBe(true);
});
