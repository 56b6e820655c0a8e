/** @jsxImportSource preact */
import { useEffect, useState } from 'preact/hooks';
import { bridge } from '../../app/bridge.ts';
import { t } from '../../words/t.ts';
import css from './debugged.module.css';

/** Stays on every screen while another program may read and steer this one. */
export function DebuggedBanner() {
  const [isDebugged, setDebugged] = useState(false);
  useEffect(() => {
    bridge()
      .preferences.about({})
      .then((answer) => setDebugged(answer.ok && answer.value.remoteDebugging))
      .catch(() => undefined);
  }, []);
  if (!isDebugged) return null;
  return (
    <p className={css.debugged} role="status" data-testid="debugged-banner">
      {t('Remote debugging is on: another program can read and control this window. Your organisation allows it here.')}
    </p>
  );
}
