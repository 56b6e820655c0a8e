import { useQuery } from '@tanstack/react-query';
import { bridge, unwrap } from '../../app/bridge.ts';
import { queryKeys } from '../../app/queries.ts';

interface Offers {
  /** How many alarms are open; null for who may not see them, and until it is known. */
  readonly alarms: number | null;
  /** Whether it may be looked at who has seen the patient's chart. */
  readonly access: boolean;
}

const NOTHING: Offers = { alarms: null, access: false };

/** What of the record of access may be looked at. `since`: asked anew with each sync, which may bring other roles. */
export function useOffers(patientId: string | null, since: string | null = null): Offers {
  const offers = useQuery({
    queryKey: queryKeys.offers(patientId, since),
    queryFn: () => unwrap(bridge().audit.offers({ patientId })),
    placeholderData: (before) => before,
  });
  // What can't be told is not offered.
  return (offers.isError ? undefined : offers.data) ?? NOTHING;
}
