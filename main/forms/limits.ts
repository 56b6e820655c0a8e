/*
 * What a form may be: whoever wrote it, it must not keep a workstation from working. Beyond these it is refused as a
 * whole, as one of which a part is left out would ask for something else.
 */

/** Characters of the resource. */
export const SOURCE_MAX = 1_000_000;
export const ITEMS_MAX = 1_000;
export const DEPTH_MAX = 12;
export const OPTIONS_MAX = 1_000;
/** Of all items together. */
export const ALL_OPTIONS_MAX = 10_000;
export const EXPRESSIONS_MAX = 500;
export const EXPRESSION_MAX = 4_000;
/** Lines of a form with its repetitions. */
export const NODES_MAX = 2_000;
/** Repetitions of one item. */
export const ROWS_MAX = 100;
/** How often all expressions are worked out until nothing changes any more. */
export const PASSES_MAX = 20;
/** What a form may ask of the record beforehand. */
export const QUERIES_MAX = 20;
