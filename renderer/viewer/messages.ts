/** All that the viewer can say to the page around it. */
export type ViewerMessage = 'wardlight-viewer:close';
