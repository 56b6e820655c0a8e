import { Skeleton } from '@mantine/core';
import { ScreenCard } from './ScreenCard.tsx';

/** While main looks at the keyring and the profile: usually too short to be read. */
export function StartingScreen() {
  return (
    <ScreenCard title="Starting…">
      <div aria-hidden>
        <Skeleton height={14} mt={12} />
        <Skeleton height={34} mt={16} />
      </div>
    </ScreenCard>
  );
}
