/** The contract's `TRENDS_MAX`: its file would bring the schemas into the page. */
export const TRENDS_MAX = 60;
