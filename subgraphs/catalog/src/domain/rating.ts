/** How many gave one star, two, … five. */
export type Histogram = readonly number[];

export const NO_STARS: Histogram = [0, 0, 0, 0, 0];

export interface RatingSummary {
  /** 1 to 5, rounded to two decimals; null while nobody has said anything. */
  readonly average: number | null;
  readonly count: number;
  readonly histogram: number[];
}

export function ratingOf(histogram: Histogram): RatingSummary {
  const count = histogram.reduce((sum, many) => sum + many, 0);
  const stars = histogram.reduce((sum, many, index) => sum + many * (index + 1), 0);
  return { average: count === 0 ? null : Math.round((stars * 100) / count) / 100, count, histogram: [...histogram] };
}
