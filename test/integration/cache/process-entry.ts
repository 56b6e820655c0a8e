/* Runs the process's entry in an ordinary child process. */
import '../../support/parent-port.ts';

await import('../../../main/cache/process.ts');
