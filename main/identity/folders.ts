import { join } from 'node:path';

/** Where each profile has its folder, in the folder of the program's data. */
export const profilesFolder = (data: string) => join(data, 'profiles');

/** Where it stands what is being erased. */
export const wipesFolder = (data: string) => join(data, 'wipes');
