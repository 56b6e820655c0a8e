import { type ChildProcess, fork } from 'node:child_process';

/** Starts a program with a task, and waits for its answer or its death. */
export function runProgram<Done>(
  program: string,
  task: object,
  onStart?: (child: ChildProcess) => void,
): Promise<Done | 'killed'> {
  return new Promise((resolve, reject) => {
    const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    onStart?.(child);
    let done: Done | undefined;
    child.once('message', (message: Done) => {
      done = message;
    });
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve('killed');
      else if (done) resolve(done);
      else reject(new Error(`the program ended with ${code}`));
    });
    child.send(task);
  });
}
