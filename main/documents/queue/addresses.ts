import type { CapabilityStatement } from 'fhir/r4';
import type { RawClient } from '../../fhir/raw.ts';

/** Says on a CapabilityStatement's `rest` where the server takes uploads by tus. */
export const TUS_ENDPOINT = 'https://wardlight.org/fhir/StructureDefinition/tus-endpoint';

/** An address, and the client that may ask there. */
export interface Place {
  readonly client: RawClient;
  readonly url: string;
}

/** How a server takes files. */
export interface Intake {
  /** Where it takes them by tus; null where it doesn't. */
  readonly tus: Place | null;
  /** It lets the client choose a Binary's id, so that one that is sent twice is there once. */
  readonly namedBinaries: boolean;
}

export interface Addresses {
  /** FHIR's own. */
  readonly fhir: RawClient;
  /** Where a file is stored; null where no token may go. */
  of(url: string): Place | null;
  intake(statement: CapabilityStatement | null): Intake;
}

export interface AddressesOptions {
  /** The FHIR server's base. */
  readonly base: string;
  /** The tus server that policy names. */
  readonly uploads: string | null;
  readonly clientAt: (base: string) => RawClient;
}

/**
 * Where files may be sent to and fetched from: at the FHIR server's own origin, and below what policy names. A record or
 * a statement of the server can't send a token, or a ciphertext, anywhere else.
 */
export function createAddresses({ base, uploads, clientAt }: AddressesOptions): Addresses {
  const fhir = clientAt(base);
  const origin = clientAt(new URL(base).origin);
  const named = uploads === null ? null : clientAt(uploads);

  function of(url: string): Place | null {
    if (!URL.canParse(url, fhir.root)) return null;
    const { href } = new URL(url, fhir.root);
    const client = [fhir, named, origin].find((one) => one?.within(href));
    return client ? { client, url: href } : null;
  }

  return {
    fhir,
    of,
    intake(statement) {
      const rest = restOf(statement);
      const told = listOf(rest?.extension).find(({ url }) => url === TUS_ENDPOINT)?.valueUrl;
      const endpoint = uploads ?? (typeof told === 'string' && origin.within(told) ? told : null);
      const binary = listOf(rest?.resource).find(({ type }) => type === 'Binary');
      return {
        tus: endpoint === null ? null : { client: clientAt(endpoint), url: endpoint },
        namedBinaries: binary?.updateCreate === true,
      };
    },
  };
}

function restOf(statement: CapabilityStatement | null) {
  const all = listOf(statement?.rest);
  return all.find(({ mode }) => mode === 'server') ?? all[0];
}

/** The objects of a list in a server's statement, which may be anything. */
function listOf<Item>(list: readonly Item[] | undefined): readonly Item[] {
  return Array.isArray(list) ? list.filter((item: Item) => typeof item === 'object' && item !== null) : [];
}
