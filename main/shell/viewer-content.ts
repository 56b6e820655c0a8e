/** Bytes of an opened document from a place on; null where nothing is open under the handle, or there is no such place. */
export type ReadContent = (
  handle: string,
  range: { readonly offset: number; readonly length: number },
) => Promise<{ readonly bytes: Uint8Array /** Of the whole document. */; readonly total: number } | null>;

/** Where the viewer's content comes from: from nowhere, until there is something that opens documents. */
export interface ViewerContent {
  readonly read: ReadContent;
  /** From now on; null: nothing is open any more. */
  serve(read: ReadContent | null): void;
}

export function createViewerContent(): ViewerContent {
  let source: ReadContent | null = null;
  return {
    read: async (handle, range) => (source ? source(handle, range) : null),
    serve(read) {
      source = read;
    },
  };
}
