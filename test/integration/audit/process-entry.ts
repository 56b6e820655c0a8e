/* Runs the process's entry in an ordinary child process. */
import '../../support/parent-port.ts';

await import('../../../main/audit/process.ts');
