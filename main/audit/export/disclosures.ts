import type { AuditEvent } from 'fhir/r4';
import { readLeaf } from '../log/entry.ts';

/** One line of an accounting of disclosures: date, who received, what, why (45 CFR 164.528). */
export interface Disclosure {
  readonly seq: number;
  readonly date: string;
  readonly who: string;
  readonly what: string;
  readonly patient: string;
  readonly why: string;
}

export interface ReportOptions {
  readonly title: string;
  readonly origin: string;
  readonly checkpoint: string;
  readonly lines: readonly Disclosure[];
}

/** What an entry tells of a disclosure. */
export function disclosureOf({ seq, leaf }: { seq: number; leaf: string }): Disclosure {
  const event = JSON.parse(readLeaf(leaf)?.event ?? '{}') as Partial<AuditEvent>;
  const entities = event.entity ?? [];
  const references = entities.flatMap(({ what }) => what?.reference ?? []);
  const details = entities.flatMap(({ detail }) => detail ?? []);
  const reason = details.find(({ type }) => type === 'reason')?.valueString;
  const purposes = (event.purposeOfEvent ?? []).flatMap(({ coding }) => coding?.[0]?.code ?? []);
  return {
    seq,
    date: event.recorded ?? '',
    who: (event.agent ?? []).flatMap(({ who }) => who?.reference ?? who?.display ?? []).join(', '),
    what: [
      event.subtype?.[0]?.display ?? event.subtype?.[0]?.code ?? event.type?.code ?? '',
      event.outcome === '0' ? '' : '(refused or failed)',
      ...entities.flatMap(({ name, what }) =>
        what === undefined && name !== 'reason' && name !== 'details' ? (name ?? []) : [],
      ),
      ...references.filter((one) => !one.startsWith('Patient/')),
    ]
      .filter(Boolean)
      .join(' '),
    patient: references.filter((one) => one.startsWith('Patient/')).join(', '),
    why: [purposes.join(', '), reason].filter(Boolean).join(': '),
  };
}

/** A page for people, which needs nothing but itself. */
export function disclosuresHtml({ title, origin, checkpoint, lines }: ReportOptions): string {
  const rows = lines.map(({ seq, date, who, patient, what, why }) => {
    const cells = [date, who, patient, what, why, String(seq)].map((cell) => `<td>${escaped(cell)}</td>`);
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>body{font:14px/1.4 sans-serif;margin:2rem}table{border-collapse:collapse;width:100%}
th,td{border:1px solid #999;padding:.3rem .5rem;text-align:left;vertical-align:top}thead{display:table-header-group}
pre{font-size:11px;white-space:pre-wrap;word-break:break-all}</style></head><body>
<h1>${escaped(title)}</h1>
<p>Log ${escaped(origin)}, ${lines.length} entries. Each can be proved by the export that goes with this page and by this checkpoint:</p>
<pre>${escaped(checkpoint)}</pre>
<table><thead><tr><th>Date</th><th>Who received</th><th>Patient</th><th>What</th><th>Why</th><th>Entry</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></body></html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => ENTITIES[one] ?? one);
}
