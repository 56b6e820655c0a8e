import { readFile } from 'node:fs/promises';
import { defaultPolicy, type Policy, policySchema } from './policy.ts';

/**
 * The policy in force. Until there is machine policy, only a development build reads one, from the file that its command
 * line names; what is wrong there throws, as a developer should know.
 */
export async function loadPolicy(developmentFile: string): Promise<Policy> {
  if (developmentFile === '') return defaultPolicy;
  return policySchema.parse(JSON.parse(await readFile(developmentFile, 'utf8')));
}
