/**
 * Versions of a product or of a variant's stock that were passed over. These rise by one, so one that is not seen before a later one was lost
 * on its way, or compacted away. (A rating's is a clock: it leaps, and tells nothing.) Events carry the whole state: what is shown is right
 * either way, but it is worth knowing.
 */
export interface MissedVersions {
  /** `product` or `stock/<variantId>`. */
  readonly source: string;
  readonly from: number;
  readonly to: number;
}

const MAX_REMEMBERED = 20;

/**
 * What is missing after `seen` has come while `held` was the newest. The first one of a source tells nothing: a compacted topic begins
 * anywhere. One that comes late after all is missing no more.
 */
export function missedAfter(
  missed: readonly MissedVersions[],
  source: string,
  held: number,
  seen: number,
): readonly MissedVersions[] {
  if (seen > held) {
    if (held === 0 || seen === held + 1) return missed;
    return [...missed, { source, from: held + 1, to: seen - 1 }].slice(-MAX_REMEMBERED);
  }
  const late = missed.findIndex((one) => one.source === source && one.from <= seen && seen <= one.to);
  const gap = missed[late];
  if (gap === undefined) return missed;
  const left = [
    { source, from: gap.from, to: seen - 1 },
    { source, from: seen + 1, to: gap.to },
  ].filter(({ from, to }) => from <= to);
  return [...missed.slice(0, late), ...left, ...missed.slice(late + 1)];
}
