import { storeErrorOf } from '../../main/cache/store-error.ts';
import { createSecrets, misuse, Refusal, readArguments, USAGE } from './arguments.ts';
import type { Command } from './command.ts';
import { compromised, init, policy, revoke, rotate } from './making.ts';
import { certify, exposure, rewrap } from './reaching.ts';
import { ServerFailure } from './team.ts';

/* `npm run keys`: the organisation's own tool. It speaks to the token, and is no part of the packaged program. */

const commands: Readonly<Record<string, Command>> = {
  init,
  policy,
  rotate,
  revoke,
  compromised,
  'certify-all': certify,
  rewrap,
  exposure,
};

/** What a failure of the server means, for whoever reads it. */
const SERVER: Readonly<Record<string, string>> = {
  unauthorized: 'The FHIR server does not take the access token. A new one goes on where it stopped.',
  forbidden: 'The FHIR server does not allow that to who has the access token.',
};

function messageOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  const isServer = error instanceof ServerFailure;
  const known = isServer ? SERVER[error.code] : undefined;
  if (known !== undefined) return known;
  return isServer
    ? 'The FHIR server did not answer as it should. The same command goes on where it stopped.'
    : 'It did not end well; it can be done again.';
}

function codeOf(error: unknown): string {
  if (error instanceof Refusal || error instanceof ServerFailure) return error.code;
  return storeErrorOf(error) === 'disk-full' ? 'disk-full' : 'failed';
}

async function main(): Promise<void> {
  const json = process.argv.includes('--json');
  const secrets = createSecrets();
  try {
    const { values, positionals } = readArguments();
    const [name = '', what] = positionals;
    if (values.help || name === 'help') {
      process.stdout.write(`${USAGE}\n`);
      return;
    }
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) throw name === '' ? new Refusal('usage', USAGE) : misuse(`There is no command ${name}.`);
    const { text, value, ok, advice } = await command(values, secrets, what);
    process.stdout.write(`${json ? JSON.stringify(value) : text}\n`);
    if (advice !== undefined && !json) process.stderr.write(`${advice}\n`);
    process.exitCode = ok ? 0 : 1;
  } catch (error) {
    const code = codeOf(error);
    if (json) process.stdout.write(`${JSON.stringify({ ok: false, code })}\n`);
    process.stderr.write(`${code}: ${messageOf(error)}\n`);
    process.exitCode = code === 'usage' ? 2 : 1;
  } finally {
    secrets.close();
  }
}

await main();
