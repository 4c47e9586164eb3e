/**
 * When to try again: twice as late each time, up to a limit, and anywhere in the upper half of that, so that what failed together does
 * not come back together. `chance` is in [0, 1).
 */
export function backoffMs(
  tries: number,
  { firstMs, mostMs }: { firstMs: number; mostMs: number },
  chance: number,
): number {
  const whole = Math.min(firstMs * 2 ** Math.min(Math.max(tries - 1, 0), 40), mostMs);
  return Math.round(whole / 2 + (whole / 2) * chance);
}
