import * as z from 'zod';
import type { Setting } from '../../main/managed/list.ts';
import { policySchema } from '../../main/managed/policy.ts';
import { healthReport } from '../../preload/contract/health.ts';

/** The JSON schema of the file for Linux, for editors and for checks before it is rolled out. */
export function jsonSchema(): string {
  const schema = z.toJSONSchema(policySchema, { io: 'input', unrepresentable: 'any' });
  return `${JSON.stringify({ title: 'Machine policy of Wardlight', ...schema }, null, 2)}\n`;
}

/** The JSON schema of what `--health` prints and of the status file, for monitoring agents. */
export function healthSchema(): string {
  const schema = z.toJSONSchema(healthReport);
  return `${JSON.stringify({ title: 'How Wardlight stands on a workstation', ...schema }, null, 2)}\n`;
}

/** `docs/policy.md`. */
export function policyDoc(settings: readonly Setting[]): string {
  const rows = settings.map(({ key, text, type, values, min, max, default: standard, strictest, since }) =>
    [`\`${key}\``, text, rangeOf({ type, values, min, max }), code(standard), code(strictest), since].join(' | '),
  );
  return `# Machine policy

Written by \`npm run policy-templates\` from \`main/managed/\`; don't edit it. How it is rolled out stands in
[operations](operations.md#machine-policy).

| setting | what it decides | value | not set | instead of a value that can't be used | since |
| --- | --- | --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join('\n')}
`;
}

const code = (value: unknown) => (value === null ? 'none' : `\`${JSON.stringify(value).replaceAll('|', '\\|')}\``);

function rangeOf({ type, values, min, max }: Pick<Setting, 'type' | 'values' | 'min' | 'max'>): string {
  if (type === 'choice') return values.map((value) => `\`${value}\``).join(', ');
  if (type === 'list') return 'list of strings';
  if (type === 'json') return 'object';
  if (type !== 'integer' && type !== 'number') return type;
  const bounds = max === null ? `, ${min} or more` : `, ${min} to ${max}`;
  return `${type}${min === null ? '' : bounds}`;
}
