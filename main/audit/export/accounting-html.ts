import type { Accounting, AccountingLine, AccountingRequest, AccountingSummary } from './accounting.ts';

export interface ReportFacts {
  readonly request: AccountingRequest;
  /** Origin of the log, and the signed checkpoint by which what stands here can be proved. */
  readonly log: { readonly origin: string; readonly checkpoint: string };
  /** ISO instant. */
  readonly madeAt: string;
  /** IANA name of the zone in which times are shown. */
  readonly timeZone: string;
}

/**
 * Accounting of disclosures as a page of its own that prints well: no script, nothing that is fetched. What stands in it
 * is proven by the export that lies beside it.
 */
export function accountingHtml(accountings: readonly Accounting[], facts: ReportFacts): string {
  const parts = accountings.map((one) => patientPart(one, facts)).join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Accounting of disclosures</title>
<style>${STYLE}</style>
</head>
<body>
${parts || '<main><h1>Accounting of disclosures</h1><p class="none">No events of any patient in this period.</p></main>'}
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light; --line: #c6ccd4; --soft: #56616f; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: #14181d; font: 14px/1.45 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.5rem 3rem; }
main + main { border-top: 1px solid var(--line); }
h1 { font-size: 1.55rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .25rem; }
.lead, .note { color: var(--soft); margin: 0 0 .75rem; max-width: 46rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.25rem; margin: 1.25rem 0 0; padding: .9rem 1.1rem; border: 1px solid var(--line); border-radius: 6px; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: .45rem .6rem .45rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: 600; border-bottom: 2px solid #14181d; }
td.number, th.number { text-align: right; padding-right: .6rem; font-variant-numeric: tabular-nums; }
td.time { font-variant-numeric: tabular-nums; }
.none { padding: .7rem 0; border-bottom: 1px solid var(--line); }
code, pre { font: .86em/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
pre { margin: .15rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
@page { size: A4; margin: 16mm 14mm; }
@media print {
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  main + main { break-before: page; border: 0; }
  thead { display: table-header-group; }
  tr, dl { break-inside: avoid; }
  h2 { break-after: avoid; }
}
`;

function patientPart({ patient, disclosures, uses, refused }: Accounting, facts: ReportFacts): string {
  const when = timesIn(facts.timeZone);
  return `<main>
<h1>Accounting of disclosures</h1>
<p class="lead">Patient ${escaped(patient)}</p>
${head(facts, when)}
<h2>Disclosures</h2>
<p class="note">Printed, exported or copied, given to a named recipient, or seen for a purpose other than treatment, payment and health care operations. 45 CFR 164.528(b)(2): date, recipient, what, why.</p>
${lines(disclosures, when, 'Received by', 'No disclosures in this period.')}
<h2>Seen and written for treatment, payment and operations</h2>
<p class="note">45 CFR 164.528(a)(1)(i) asks for no accounting of these; they are summed up by person, subject and purpose.</p>
${sums(uses, when)}
<h2>Refused</h2>
<p class="note">Tried, and nothing was shown.</p>
${lines(refused, when, 'Tried by', 'Nothing was refused in this period.')}
</main>`;
}

function head({ request, log, madeAt, timeZone }: ReportFacts, when: (instant: string) => string): string {
  const period = [
    request.from === null ? 'from the beginning of the log' : `from ${when(request.from)}`,
    request.to === null ? `to ${when(madeAt)}` : `to before ${when(request.to)}`,
  ].join(' ');
  const rows: [string, string][] = [
    ['Period', escaped(period)],
    ['Times', escaped(timeZone)],
    ['Made', escaped(when(madeAt))],
    ['Log', `<code>${escaped(log.origin)}</code>`],
    ['Checkpoint', `<pre>${escaped(log.checkpoint)}</pre>`],
  ];
  return `<dl>${rows.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl>`;
}

function lines(all: readonly AccountingLine[], when: (instant: string) => string, who: string, none: string): string {
  if (all.length === 0) return `<p class="none">${none}</p>`;
  const rows = all.map(
    ({ time, recipient, what, why, seq }) =>
      `<tr><td class="time">${escaped(when(time))}</td><td>${escaped(recipient)}</td><td>${escaped(what)}</td><td>${escaped(why)}</td><td class="number">${seq}</td></tr>`,
  );
  return `<table>
<colgroup><col style="width:19%"><col style="width:26%"><col style="width:22%"><col><col style="width:9%"></colgroup>
<thead><tr><th scope="col">Date</th><th scope="col">${who}</th><th scope="col">What</th><th scope="col">Why</th><th scope="col" class="number">Entry</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

function sums(all: readonly AccountingSummary[], when: (instant: string) => string): string {
  if (all.length === 0) return '<p class="none">Nothing in this period.</p>';
  const rows = all.map(
    ({ recipient, what, why, first, last, count }) =>
      `<tr><td>${escaped(recipient)}</td><td>${escaped(what)}</td><td>${escaped(why)}</td><td class="time">${escaped(when(first))}</td><td class="time">${escaped(when(last))}</td><td class="number">${count}</td></tr>`,
  );
  return `<table>
<colgroup><col style="width:23%"><col style="width:17%"><col><col style="width:19%"><col style="width:19%"><col style="width:7%"></colgroup>
<thead><tr><th scope="col">By</th><th scope="col">What</th><th scope="col">Why</th><th scope="col">First</th><th scope="col">Last</th><th scope="col" class="number">Times</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

/** A day and a time that read the same everywhere. */
function timesIn(timeZone: string): (instant: string) => string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  return (instant) => (Number.isNaN(Date.parse(instant)) ? instant : format.format(new Date(instant)));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);
}
