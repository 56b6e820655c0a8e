import { create } from 'xmlbuilder2';
import type { Setting } from '../../main/managed/list.ts';
import { settingText } from '../../main/managed/shown.ts';
import type { Language } from '../../preload/contract/languages.ts';

/*
 * Administrative templates for Group Policy: the ADMX says what is written to the registry, an ADML for each language what
 * is read by whoever sets it.
 */

const KEY = 'SOFTWARE\\Policies\\Wardlight';
const NAMESPACE = 'http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions';
const VERSIONS = { '@revision': '1.0', '@schemaVersion': '1.0' };
const DWORD_MAX = 4_294_967_295;

type Xml = { [name: string]: unknown };

const printed = (document: Xml) =>
  `${create({ version: '1.0', encoding: 'utf-8' }, document).end({ prettyPrint: true })}\n`;

/** Names of policies and strings have letters, digits and underscores only. */
const nameOf = ({ key }: Setting) => key.replaceAll(/[^A-Za-z0-9]/g, '_');
const groupOf = ({ key }: Setting) => (key.includes('.') ? key.slice(0, key.indexOf('.')) : 'general');
const categoryOf = (setting: Setting) => `Category_${groupOf(setting)}`;
const supportOf = ({ since }: Setting) => `SUPPORTED_${since.replaceAll('.', '_')}`;
const string = (id: string) => `$(string.${id})`;
/** What a value of 32 bits can't hold. */
const isLong = ({ max }: Setting) => (max ?? 0) > DWORD_MAX;
/** As far as arrows go; beyond it a number is typed. */
const SPIN_MAX = 9_999;

/** The ADMX of all settings. */
export function admx(settings: readonly Setting[]): string {
  const once = (of: (setting: Setting) => string) => [...new Set(settings.map(of))];
  return printed({
    policyDefinitions: {
      '@xmlns': NAMESPACE,
      ...VERSIONS,
      // Nothing of Windows' own templates is used: a management service that takes single files would ask for them.
      policyNamespaces: {
        target: { '@prefix': 'wardlight', '@namespace': 'Wardlight.Policies' },
      },
      resources: { '@minRequiredRevision': '1.0' },
      supportedOn: {
        definitions: { definition: once(supportOf).map((id) => ({ '@name': id, '@displayName': string(id) })) },
      },
      categories: {
        category: [
          { '@name': 'Wardlight', '@displayName': string('Wardlight') },
          ...once(categoryOf).map((id) => ({
            '@name': id,
            '@displayName': string(id),
            parentCategory: { '@ref': 'Wardlight' },
          })),
        ],
      },
      policies: { policy: settings.map(policyOf) },
    },
  });
}

function policyOf(setting: Setting): Xml {
  const name = nameOf(setting);
  const isSwitch = setting.type === 'boolean';
  return {
    '@name': name,
    '@class': 'Machine',
    '@displayName': string(name),
    '@explainText': string(`${name}_Explain`),
    ...(!isSwitch && { '@presentation': `$(presentation.${name})` }),
    '@key': KEY,
    ...(isSwitch && { '@valueName': setting.key }),
    parentCategory: { '@ref': categoryOf(setting) },
    supportedOn: { '@ref': supportOf(setting) },
    ...(isSwitch
      ? { enabledValue: { decimal: { '@value': '1' } }, disabledValue: { decimal: { '@value': '0' } } }
      : { elements: elementOf(setting, { '@id': name, '@valueName': setting.key, '@required': 'true' }) }),
  };
}

function elementOf(setting: Setting, place: Xml): Xml {
  const { type, values, min, max } = setting;
  if (type === 'integer') {
    if (min === null || max === null || min < 0) throw new Error(`${setting.key} needs both its bounds`);
    return { [isLong(setting) ? 'longDecimal' : 'decimal']: { ...place, '@minValue': min, '@maxValue': max } };
  }
  if (type === 'number') return { text: { ...place, '@maxLength': 64 } };
  if (type !== 'choice') return { multiText: { ...place, '@maxLength': 32_767 } };
  const item = values.map((value, at) => ({
    '@displayName': string(`${nameOf(setting)}_${at}`),
    value: { string: value },
  }));
  return { enum: { ...place, item } };
}

interface Words {
  readonly supported: string;
  readonly values: string;
  readonly lines: string;
  readonly json: string;
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    supported: 'Wardlight {since} or later',
    values: 'Not configured: {default}. Instead of a value that can’t be used: {strictest}.',
    lines: 'One entry in each line.',
    json: 'JSON, as docs/policy.md has it.',
  },
  es: {
    supported: 'Wardlight {since} o posterior',
    values: 'Sin configurar: {default}. En lugar de un valor que no se puede usar: {strictest}.',
    lines: 'Una entrada en cada línea.',
    json: 'JSON, como lo describe docs/policy.md.',
  },
};

/** The words for the ADMX, in one language. */
export function adml(settings: readonly Setting[], language: Language): string {
  const strings = new Map([['Wardlight', 'Wardlight']]);
  for (const setting of settings) for (const [id, text] of stringsOf(setting, language)) strings.set(id, text);
  return printed({
    policyDefinitionResources: {
      '@xmlns': NAMESPACE,
      ...VERSIONS,
      displayName: 'Wardlight',
      description: 'Wardlight',
      resources: {
        stringTable: { string: [...strings].map(([id, text]) => ({ '@id': id, '#': text })) },
        presentationTable: {
          presentation: settings
            .filter(({ type }) => type !== 'boolean')
            .map((setting) => ({ '@id': nameOf(setting), ...boxOf(setting) })),
        },
      },
    },
  });
}

function stringsOf(setting: Setting, language: Language): [string, string][] {
  const { supported, values, lines, json } = WORDS[language];
  const fallBack = values
    .replace('{default}', () => JSON.stringify(setting.default))
    .replace('{strictest}', () => JSON.stringify(setting.strictest));
  const form = setting.type === 'list' ? [lines] : setting.type === 'json' ? [json] : [];
  const name = nameOf(setting);
  return [
    [supportOf(setting), supported.replace('{since}', setting.since)],
    [categoryOf(setting), groupOf(setting)],
    [name, setting.key],
    [`${name}_Explain`, [settingText(setting.key, setting.text, language), ...form, fallBack].join('\n\n')],
    ...setting.values.map((value, at): [string, string] => [`${name}_${at}`, value]),
  ];
}

function boxOf(setting: Setting): Xml {
  const place = { '@refId': nameOf(setting) };
  const standard = String(setting.default);
  switch (setting.type) {
    case 'integer':
      return {
        [isLong(setting) ? 'longDecimalTextBox' : 'decimalTextBox']: {
          ...place,
          '@defaultValue': standard,
          ...((setting.max ?? 0) > SPIN_MAX && { '@spin': 'false' }),
          '#': setting.key,
        },
      };
    case 'number':
      return { textBox: { ...place, label: setting.key, defaultValue: standard } };
    case 'choice': {
      const defaultItem = Math.max(0, setting.values.indexOf(standard));
      return { dropdownList: { ...place, '@noSort': 'true', '@defaultItem': defaultItem, '#': setting.key } };
    }
    default:
      return { multiTextBox: { ...place, '#': setting.key } };
  }
}
