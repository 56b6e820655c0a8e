// Everything that a clone needs before any other script runs. No dependencies of its own: it runs on an empty machine.
import { installDebianPackages } from './setup/debian.mjs';
import { describeRuntime, installElectron } from './setup/electron.mjs';
import { installPackages } from './setup/packages.mjs';
import { providePkcs11 } from './setup/pkcs11.mjs';
import { SetupError, step } from './setup/report.mjs';
import { provideSqlite } from './setup/sqlite.mjs';
import { makeOrdinaryUser } from './setup/user.mjs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

try {
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(`Node 20.19 or newer is needed; this is ${process.versions.node}.`);
  }
  let runtime;
  await step('npm packages', installPackages);
  await step('Debian packages', (say) => installDebianPackages(say));
  await step('Electron', async (say) => {
    runtime = await installElectron(say);
    return describeRuntime(runtime);
  });
  await step('SQLCipher module', (say) => provideSqlite(runtime, say));
  await step('PKCS#11 module', providePkcs11);
  await step('runs as', makeOrdinaryUser);
} catch (error) {
  process.stdout.write('failed\n');
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`setup: ${error.message}\n`);
  process.exitCode = 1;
}
