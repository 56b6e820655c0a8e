import type { Page } from './data.ts';
import { wordsOf } from './search-data.ts';

/** What is asked for. */
export interface Values {
  readonly names: readonly string[];
  readonly identifiers: readonly string[];
  readonly codes: readonly string[];
  readonly conditions: readonly string[];
  readonly months: readonly string[];
  readonly updates: readonly string[];
  readonly words: readonly string[];
}

interface Resource {
  readonly resourceType: string;
  readonly [member: string]: unknown;
}

/** Values that occur in the smaller set, and so in both. */
export function valuesOf(pages: readonly Page[]): Values {
  const resources = pages.flatMap((page) => page.resources);
  const names: string[] = [];
  const identifiers: string[] = [];
  const counts = { Observation: new Map<string, number>(), Condition: new Map<string, number>() };
  const updates: string[] = [];
  for (const text of resources) {
    const one = JSON.parse(text) as Resource & {
      name?: { family?: string; given?: string[] }[];
      identifier?: { system?: string; value?: string }[];
      code?: { coding?: { code?: string }[] };
      meta?: { lastUpdated?: string };
    };
    const type = one.resourceType;
    if (type === 'Patient') {
      names.push(...(one.name ?? []).flatMap(({ family, given }) => [family ?? '', ...(given ?? [])]).filter(Boolean));
      identifiers.push(...(one.identifier ?? []).map(({ system, value }) => `${system}|${value}`));
    } else if (type === 'Observation' || type === 'Condition') {
      const code = one.code?.coding?.[0]?.code ?? '';
      counts[type].set(code, (counts[type].get(code) ?? 0) + 1);
      if (type === 'Observation' && one.meta?.lastUpdated) updates.push(one.meta.lastUpdated);
    }
  }
  const common = (map: Map<string, number>) =>
    [...map]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 25)
      .map(([code]) => code);
  return {
    names,
    identifiers,
    codes: common(counts.Observation),
    conditions: common(counts.Condition),
    months: Array.from(
      { length: 60 },
      (_, at) => `${2008 + Math.floor(at / 12) * 2}-${String((at % 12) + 1).padStart(2, '0')}`,
    ),
    updates,
    words: wordsOf(resources).slice(20, 220),
  };
}
