import { useQuery } from '@tanstack/react-query';
import { bridge, unwrap } from '../../app/bridge.ts';
import { asOfPast, usePast } from '../../app/past.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { unpackTrend } from './unpack.ts';

/** The trends of some codes as one read; nothing is asked for while none is picked. */
export function useTrends(patientId: string, codes: readonly string[]) {
  const past = usePast();
  return useQuery({
    queryKey: queryKeys.trends(patientId, past, codes),
    queryFn: async () =>
      (await unwrap(bridge().results.trends({ patientId, codes: [...codes], ...asOfPast(past) }))).trends.map(
        unpackTrend,
      ),
    enabled: codes.length > 0,
    ...recordOptions,
  });
}
