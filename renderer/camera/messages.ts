/** All that what takes photos can say to the page around it: given up, or sent to main. */
export type CameraMessage = 'wardlight-camera:close' | 'wardlight-camera:taken';
