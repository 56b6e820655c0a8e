import { expect, it } from 'vitest';
import { settingsList } from '../../../main/managed/list.ts';
import { toldSetting } from '../../../main/support/policy-values.ts';

const SECRET = 'https://canary.example/nwosu';

/** Values that a hostile or careless policy could have. */
const hostile: Readonly<Record<string, unknown>> = {
  boolean: SECRET,
  integer: SECRET,
  number: SECRET,
  string: SECRET,
  choice: SECRET,
  list: [SECRET, SECRET],
  json: { [SECRET]: SECRET },
};

it('security: no value of any setting is told that could name somebody or something', () => {
  const told = settingsList.map((one) => toldSetting(one, hostile[one.type], true));
  expect(JSON.stringify(told)).not.toContain('canary');
});

it('tells numbers, switches and choices, and of all else whether it is set', () => {
  const of = (key: string, value: unknown) => {
    const setting = settingsList.find((one) => one.key === key);
    return setting && toldSetting(setting, value, false).value;
  };
  expect(of('lock.idleMs', 60_000)).toBe(60_000);
  expect(of('screen.shadeOnBlur', false)).toBe(false);
  expect(of('servers.suggested', SECRET)).toBe('set');
  expect(of('servers.suggested', null)).toBeNull();
  expect(of('servers.allowed', [SECRET, SECRET])).toBe('set (2)');
});
