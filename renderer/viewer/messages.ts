/** All that the viewer can say to the page around it. */
export type ViewerMessage = 'wardlight-viewer:close';

/**
 * What the page says to the viewer, with one end of a channel: it closes when the viewer's process ends, and each word
 * that comes through it is sent back for as long as the viewer answers.
 */
export const WATCH = 'wardlight-viewer:watch';

/** What the worker that reads PDF says to the viewer: something of a page is not drawn. */
export const LEFT_OUT = 'wardlight-viewer:left-out';
