import { type ReactNode, useState } from 'react';
import { type OpenHow, OpenWithheldProvider } from '../../parts/withheld.ts';
import { EmergencyDialog } from './EmergencyDialog.tsx';
import { PurposeDialog } from './PurposeDialog.tsx';

/** Around a patient's views: lets their sections open what is restricted. */
export function OpenWithheld({ patientId, children }: { readonly patientId: string; readonly children: ReactNode }) {
  const [asking, setAsking] = useState<OpenHow | null>(null);
  const close = () => setAsking(null);
  return (
    <OpenWithheldProvider value={setAsking}>
      {children}
      {asking === 'purpose' && <PurposeDialog patientId={patientId} onClose={close} />}
      {asking === 'emergency' && <EmergencyDialog patientId={patientId} onClose={close} />}
    </OpenWithheldProvider>
  );
}
