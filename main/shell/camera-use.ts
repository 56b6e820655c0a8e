/** Who has a use for the camera, and takes its photos. */
export interface CameraUse {
  /** A photo is being taken for a patient: the camera may be on. */
  isTaking(): boolean;
  /** Takes the bytes of a photo, sent to an address that was made for it; false where there is no such address any more. */
  receive(address: string, bytes: Uint8Array): Promise<boolean>;
}

/** The camera as the page's session sees it: off, until there is something that takes photos. */
export interface Camera extends CameraUse {
  /** From now on; null: nobody has a use for it any more. */
  serve(use: CameraUse | null): void;
}

export function createCamera(): Camera {
  let current: CameraUse | null = null;
  return {
    isTaking: () => current?.isTaking() === true,
    receive: async (address, bytes) => (current ? current.receive(address, bytes) : false),
    serve(use) {
      current = use;
    },
  };
}
