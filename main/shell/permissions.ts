import type { Session } from 'electron';
import { CAMERA_ORIGIN } from './camera-protocol.ts';

/** What Chromium tells of who asks, as far as it is looked at. */
export interface PermissionDetails {
  /** Who asks for a camera or microphone; `requestingUrl` may then be the page around it. */
  readonly securityOrigin?: string | undefined;
  readonly mediaType?: string | undefined;
  readonly mediaTypes?: readonly string[] | undefined;
}

/**
 * Whether the camera may be used: by the frame that takes photos, without sound, while one is being taken. Everything
 * else that Chromium could grant is refused, to everybody (decision 56).
 */
export function mayUseCamera(permission: string, details: PermissionDetails, isTaking: () => boolean): boolean {
  const { securityOrigin, mediaType, mediaTypes = [mediaType] } = details;
  const isVideo = mediaTypes.length === 1 && mediaTypes[0] === 'video';
  return permission === 'media' && isVideo && securityOrigin === `${CAMERA_ORIGIN}/` && isTaking();
}

/** Lets a session grant nothing but the camera for a photo. */
export function restrict(session: Session, isTaking: () => boolean): void {
  session.setPermissionRequestHandler((_contents, permission, decide, details) =>
    decide('mediaTypes' in details && mayUseCamera(permission, details, isTaking)),
  );
  session.setPermissionCheckHandler((_contents, permission, _origin, details) =>
    mayUseCamera(permission, details, isTaking),
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, deny) => deny({}));
}
