import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { settingsList } from '../../main/managed/list.ts';
import { adml, admx } from './admx.ts';
import { healthSchema, jsonSchema, policyDoc } from './documents.ts';
import { mobileconfig } from './mobileconfig.ts';

/*
 * `npm run policy-templates`: writes what IT sets policy with, from the one list, and the schema of what monitoring reads.
 * `--check` writes nothing, and fails where a file is not what it would write.
 */

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const project = join(import.meta.dirname, '..', '..');

const files: Readonly<Record<string, string>> = {
  'build/machine-policy/windows/Wardlight.admx': admx(settingsList),
  'build/machine-policy/windows/en-US/Wardlight.adml': adml(settingsList, 'en'),
  'build/machine-policy/windows/es-ES/Wardlight.adml': adml(settingsList, 'es'),
  'build/machine-policy/macos/org.wardlight.app.mobileconfig': mobileconfig(settingsList),
  'build/machine-policy/linux/policy.schema.json': jsonSchema(),
  'build/machine-policy/health.schema.json': healthSchema(),
  'docs/policy.md': policyDoc(settingsList),
};

const written = (file: string) => {
  try {
    return readFileSync(join(project, file), 'utf8');
  } catch {
    return null;
  }
};

for (const [file, content] of Object.entries(files)) {
  const isCurrent = written(file) === content;
  if (values.check && !isCurrent) {
    process.stderr.write(`policy-templates: ${file} is not what the list says: npm run policy-templates\n`);
    process.exitCode = 1;
  } else if (!values.check && !isCurrent) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    writeFileSync(join(project, file), content);
    process.stdout.write(`policy-templates: ${file} written\n`);
  }
}
