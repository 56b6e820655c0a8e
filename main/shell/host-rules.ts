import type { ClientCertificatesPolicy } from '../managed/connections.ts';

/** In a list of hosts: each that no other rule names. */
const ANY = '*';

/** As policy writes a host: in small letters, and without the dot at its end that says no more of it. */
function normal(host: string): string {
  const name = host.toLowerCase().replace(/\.$/, '');
  return name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
}

/** The rules that name a host, or else those for any. */
export function rulesFor<Rule>(
  rules: readonly Rule[],
  hostsOf: (rule: Rule) => readonly string[],
  host: string,
): readonly Rule[] {
  const name = normal(host);
  const own = rules.filter((rule) => hostsOf(rule).includes(name));
  return own.length > 0 ? own : rules.filter((rule) => hostsOf(rule).includes(ANY));
}

/** Whether a host may be shown a certificate of the workstation, by the common name of who issued it. */
export function mayBeShown(
  rules: ClientCertificatesPolicy | null,
  host: string,
  { issuerName }: { readonly issuerName: string },
): boolean {
  if (rules === null) return true;
  return rulesFor(rules, ({ hosts }) => hosts, host).some(
    ({ issuers }) => issuers === null || issuers.includes(issuerName),
  );
}
