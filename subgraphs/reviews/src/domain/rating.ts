import type { ReviewStatus } from './review.ts';

/** How many of one star, of two, … of five. */
export type Histogram = readonly [number, number, number, number, number];

export const NO_STARS: Histogram = [0, 0, 0, 0, 0];

/** The histogram of a product by the reviews alone, whatever their status: what every copy of it must equal once quiet. */
export function histogramOf(reviews: Iterable<{ readonly status: ReviewStatus; readonly stars: number }>): Histogram {
  const counts: [number, number, number, number, number] = [0, 0, 0, 0, 0];
  for (const { status, stars } of reviews) {
    if (status === 'PUBLISHED' && isStars(stars)) counts[stars - 1] = (counts[stars - 1] ?? 0) + 1;
  }
  return counts;
}

export function isStars(stars: number): boolean {
  return Number.isInteger(stars) && stars >= 1 && stars <= 5;
}

export function sameHistogram(one: Histogram, other: Histogram): boolean {
  return one.every((count, index) => count === other[index]);
}

export function countOf(histogram: Histogram): number {
  return histogram.reduce((sum, count) => sum + count, 0);
}

/** Above the version before, and above every version of a document that was lost and is counted anew. */
export function nextVersion(version: number, now: Date): number {
  return Math.max(version + 1, now.getTime());
}
