import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { type ChartFound, FIND_MIN, type PanelFound } from '../../../preload/contract/find.ts';
import { bridge, unwrap } from '../../app/bridge.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';

/** What is found of a text that is long enough; what was found before stays while another is looked for. */
function findOptions(text: string) {
  return { enabled: text.length >= FIND_MIN, placeholderData: keepPreviousData, ...recordOptions };
}

export function useChartFind(patientId: string | null, text: string): UseQueryResult<ChartFound> {
  const options = findOptions(text);
  return useQuery({
    queryKey: queryKeys.findInChart(patientId ?? '', text),
    queryFn: () => unwrap(bridge().find.inChart({ patientId: patientId ?? '', text })),
    ...options,
    enabled: options.enabled && patientId !== null,
  });
}

export function usePanelFind(text: string, isWanted: boolean): UseQueryResult<PanelFound> {
  const options = findOptions(text);
  return useQuery({
    queryKey: queryKeys.findInPanel(text),
    queryFn: () => unwrap(bridge().find.inPanel({ text })),
    ...options,
    enabled: options.enabled && isWanted,
  });
}
