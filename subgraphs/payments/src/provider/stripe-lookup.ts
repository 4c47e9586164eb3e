/**
 * Finding by our reference what Stripe may have and we do not know the id of: a call whose answer was lost.
 *
 * The same idempotency key asked again answers best, and is what the work list does first. When that did not help, or nobody wants the
 * payment any more, it is looked for here. Stripe's search lags behind, by a minute and at times an hour
 * (https://docs.stripe.com/search), so its silence proves nothing; its lists do not lag. A reference is a UUIDv7 and says when it was
 * made, and what it names was asked for soon after: the lists of the time around it are read, the likeliest first.
 */
import { Fault, isId } from '@ebuy/kernel';

const SECOND_MS = 1_000;
/** Seconds from the moment in a reference, in the order of likelihood; null is now. */
const WINDOWS: readonly (readonly [from: number, to: number | null])[] = [
  [-2, 30],
  [30, 300],
  [-300, -2],
  [300, null],
];
const MAX_PAGES = 20;

export interface Window {
  readonly gte: number;
  readonly lt: number;
}

export interface Listed {
  readonly id: string;
  readonly metadata: Readonly<Record<string, string>> | null;
}

/** A page of what was created in a window, the newest first, after one with this id. */
export type ReadPage<Entry extends Listed> = (
  created: Window,
  after: string | undefined,
) => Promise<{ readonly data: readonly Entry[]; readonly has_more: boolean }>;

/** Null: there is none. 'unknown': there is more than is read at once, and what was read does not have it. */
export async function findByReference<Entry extends Listed>(
  reference: string,
  readPage: ReadPage<Entry>,
  now = Date.now(),
): Promise<Entry | null | 'unknown'> {
  if (!isId(reference)) return 'unknown';
  const madeAt = Math.floor(madeAtMs(reference) / SECOND_MS);
  const end = Math.ceil(now / SECOND_MS) + 1;
  let pages = 0;
  for (const [from, to] of WINDOWS) {
    const window = { gte: madeAt + from, lt: Math.min(madeAt + (to ?? Number.MAX_SAFE_INTEGER), end) };
    if (window.gte >= window.lt) continue;
    for (let after: string | undefined; ; ) {
      if (pages === MAX_PAGES) return 'unknown';
      pages += 1;
      const page: Awaited<ReturnType<ReadPage<Entry>>> = await readPage(window, after);
      const found = page.data.find(({ metadata }) => metadata?.reference === reference);
      if (found !== undefined) return found;
      after = page.data.at(-1)?.id;
      if (!page.has_more || after === undefined) break;
    }
  }
  return null;
}

/** The moment that a UUIDv7 holds (RFC 9562, section 5.7). */
export function madeAtMs(reference: string): number {
  return Number.parseInt(reference.replaceAll('-', '').slice(0, 12), 16);
}

export const undecided = () =>
  new Fault('Stripe has too much of that time to say what it has not', { retryable: true });
