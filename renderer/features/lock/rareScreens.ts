import { DebuggedBanner } from './DebuggedBanner.tsx';
import { EnrolScreen } from './EnrolScreen.tsx';
import { LaunchDialog } from './LaunchDialog.tsx';
import { ManagedNotice } from './ManagedNotice.tsx';
import { RotatingScreen } from './RotatingScreen.tsx';
import { WipedScreen } from './WipedScreen.tsx';

/** What stands before the unlock and is seldom seen: read behind the first screen. */
export default { DebuggedBanner, EnrolScreen, LaunchDialog, ManagedNotice, RotatingScreen, WipedScreen };
