import { code128, drawingSVG } from 'bwip-js/generic';

/** A barcode of Code 128 (ISO/IEC 15417), which holds any number of ours and a check of its own, as SVG. */
export function barcodeSvg(text: string): string {
  return code128({ bcid: 'code128', text, height: 12, includetext: false }, drawingSVG());
}
