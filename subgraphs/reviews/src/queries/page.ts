import { cursorOf, type ListName } from '../domain/cursor.ts';
import type { ShownReview } from '../domain/review.ts';
import { queryRefusal } from '../refusals.ts';

const MAX_FIRST = 100;

export interface PageInput {
  readonly first: number;
  readonly after?: string | null | undefined;
}

/** A page of a list, and how to count the whole of it for who asks. */
export interface ReviewPage {
  readonly list: ListName;
  readonly reviews: readonly ShownReview[];
  readonly hasNextPage: boolean;
  /** Whether it began behind a cursor. */
  readonly continued: boolean;
  readonly count: () => Promise<number>;
}

export interface Edge {
  readonly cursor: string;
  readonly node: ShownReview;
}

export function checkPageSize(first: number): void {
  if (!Number.isInteger(first) || first < 1 || first > MAX_FIRST) throw queryRefusal('INVALID_PAGE_SIZE');
}

export function edgesOf({ list, reviews }: ReviewPage): Edge[] {
  return reviews.map((node) => ({ cursor: cursorOf(list, node), node }));
}

export function pageInfoOf({ list, reviews, hasNextPage, continued }: ReviewPage) {
  const [first, last] = [reviews[0], reviews.at(-1)];
  return {
    hasNextPage,
    hasPreviousPage: continued,
    startCursor: first === undefined ? null : cursorOf(list, first),
    endCursor: last === undefined ? null : cursorOf(list, last),
  };
}
