/** A process that shows documents, and what it takes. */
export interface ViewerProcess {
  readonly pid: number;
  readonly bytes: number;
}

export interface ViewerMemoryOptions {
  readonly processes: () => readonly ViewerProcess[];
  readonly end: (pid: number) => void;
}

/**
 * A photo of 200 megapixels takes less than half of it, while it is drawn. A document that unpacks without end, which can
 * be made so that no look at it beforehand tells, takes this in a few seconds and then the workstation's.
 */
export const VIEWER_MEMORY_MAX = 2 ** 31;

/** How often it is looked at: unpacking fills a gibibyte in a second. */
export const VIEWER_MEMORY_MS = 250;

/** Makes what is called again and again while a document is shown, and ends what takes too much. The page says so then. */
export function createViewerMemory({ processes, end }: ViewerMemoryOptions): () => void {
  return () => {
    for (const { pid, bytes } of processes()) if (bytes > VIEWER_MEMORY_MAX) end(pid);
  };
}
