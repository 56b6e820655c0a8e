interface Props {
  readonly value: string;
  readonly unit: string | null | undefined;
}

/** A value with its unit, in one order in each language: in a page read from the right, `112 /min` would be `min/ 112`. */
export function Quantity({ value, unit }: Props) {
  return (
    // A value without a unit may be words, which go their own way.
    <bdi dir={unit ? 'ltr' : 'auto'}>
      <strong>{value}</strong> {unit}
    </bdi>
  );
}
