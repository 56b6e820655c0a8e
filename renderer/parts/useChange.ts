import { useState } from 'react';

/** Takes up what is another value while the part stays: what somebody comes for who is there already. */
export function useChange<Value>(value: Value, onChange: (value: Value) => void): void {
  const [known, setKnown] = useState(value);
  if (known === value) return;
  setKnown(value);
  onChange(value);
}
