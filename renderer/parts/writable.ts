import { createContext, useContext } from 'react';

/** False in a chart into which nothing is written any more, as its record was replaced by another one. */
export const WritableContext = createContext(true);

/** Whether what writes into the chart is offered. Main refuses it anyway (`patient-merged`). */
export function useWritable(): boolean {
  return useContext(WritableContext);
}
