import { join } from 'node:path';
import { project, runInDesktop } from './desktop.ts';

/** `desktop-cli.ts COMMAND [ARGUMENT …]`: runs a command of node_modules/.bin, or any other, on a desktop of its own. */
const [command = '', ...args] = process.argv.slice(2);
const isScript = command.includes('.');
const program = isScript ? process.execPath : command;
const rest = isScript ? [join(project, command), ...args] : args;
runInDesktop(program, rest).on('exit', (code) => process.exit(code ?? 1));
