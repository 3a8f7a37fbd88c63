/** How long to wait before asking again: quick while something is likely to happen, then ever more rarely. */
export function delayMs(asked: number): number {
  return Math.min(8_000, Math.round(500 * 1.35 ** asked));
}
