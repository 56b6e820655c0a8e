import { CAMERA_PAGE } from './camera-protocol.ts';
import { PAGE_ORIGIN } from './protocol.ts';
import { VIEWER_PAGES } from './viewer-protocol.ts';

/** What a frame may show: documents, and what takes photos. */
const FRAMES = [...VIEWER_PAGES, CAMERA_PAGE] as const;

interface FrameNavigation {
  readonly url: string;
  readonly isMainFrame: boolean;
  /** Whose script or markup asks for it. */
  readonly initiator?: { readonly origin: string } | null | undefined;
}

/** The page, and nobody else, shows one of these in a frame. */
export function isOwnFrame({ url, isMainFrame, initiator }: FrameNavigation): boolean {
  if (isMainFrame || initiator?.origin !== PAGE_ORIGIN) return false;
  return FRAMES.some((page) => url === page || url.startsWith(`${page}#`));
}
