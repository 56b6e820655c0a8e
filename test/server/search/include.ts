import { badRequest } from '../fhir/reply.ts';
import { referenceKey } from '../store/references.ts';
import type { Repository, Version } from '../store/store.ts';
import { parameterOf } from './parameters.ts';
import type { IncludeRule } from './request.ts';

const keyOf = (version: Version) => `${version.type}/${version.id}`;

function current(store: Repository, key: string): Version[] {
  const [type = '', id = ''] = key.split('/');
  const version = store.current(type, id);
  return version?.text ? [version] : [];
}

function forward(store: Repository, rule: IncludeRule, version: Version): Version[] {
  if (rule.type !== '*' && rule.type !== version.type) return [];
  if (rule.code === '*') return version.references.flatMap((key) => current(store, key));
  const parameter = parameterOf(rule.type, rule.code);
  if (parameter?.type !== 'reference') return [];
  return parameter.extract(store.parsed(version)).flatMap((element) => {
    const key = referenceKey((element as { reference?: string }).reference ?? '');
    return key && (!rule.target || key.startsWith(`${rule.target}/`)) ? current(store, key) : [];
  });
}

function backward(store: Repository, rule: IncludeRule, version: Version): Version[] {
  if (rule.target && rule.target !== version.type) return [];
  const key = keyOf(version);
  const referring = store.referring(key, rule.type === '*' ? undefined : rule.type);
  if (rule.code === '*') return referring;
  const parameter = parameterOf(rule.type, rule.code);
  return referring.filter((candidate) =>
    parameter
      ?.extract(store.parsed(candidate))
      .some((element) => referenceKey((element as { reference?: string }).reference ?? '') === key),
  );
}

/** The resources that `_include` and `_revinclude` add to a page: FHIR R4 search.html#include. */
export function included(store: Repository, rules: IncludeRule[], matches: Version[], strict: boolean): Version[] {
  for (const { type, code } of rules) {
    if (strict && code !== '*' && !parameterOf(type, code))
      throw badRequest(`${type} has no search parameter "${code}"`);
  }
  const seen = new Set(matches.map(keyOf));
  const out: Version[] = [];
  let from = matches;
  let active = rules;
  while (from.length > 0 && active.length > 0) {
    const added: Version[] = [];
    for (const version of from) {
      for (const rule of active) {
        for (const found of rule.reverse ? backward(store, rule, version) : forward(store, rule, version)) {
          if (seen.has(keyOf(found))) continue;
          seen.add(keyOf(found));
          added.push(found);
        }
      }
    }
    out.push(...added);
    from = added;
    active = rules.filter((rule) => rule.iterate);
  }
  return out;
}
