/** @jsxImportSource preact */
import type { Strength } from '../../../preload/contract/session.ts';
import css from '../../parts/strength.module.css';

/** Four bars beside the words that say the same; the colour alone says nothing. */
export function StrengthMeter({ strength }: { readonly strength: Strength | null }) {
  return (
    <div className={css.meter} data-enough={strength?.enough ?? false} aria-hidden data-testid="strength-meter">
      {[1, 2, 3, 4].map((bar) => (
        <span key={bar} data-on={(strength?.score ?? 0) >= bar} />
      ))}
    </div>
  );
}
