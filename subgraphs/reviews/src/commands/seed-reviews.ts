import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId, Refusal } from '@ebuy/kernel';
import { ANONYMOUS, type Caller } from '@ebuy/runtime';
import { z } from 'zod';
import type { Review } from '../domain/review.ts';
import { moderateReview } from './moderate-review.ts';
import type { Needs } from './needs.ts';
import { postReview } from './post-review.ts';

/** A line of the file: a review as it was posted. */
const seedLine = z.object({
  productId: z.uuid(),
  stars: z.number(),
  title: z.string(),
  body: z.string(),
  author: z.string().min(1).max(200),
  postedAt: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
});
type SeedLine = z.infer<typeof seedLine>;

export interface SeedOutcome {
  /** Posted and published. */
  added: number;
  /** Were there already. */
  unchanged: number;
  refused: number;
}

export interface SeedOptions {
  /** How many reviews at the same time. */
  readonly lanes: number;
  /** How long the products may take to be known here; they come as events. */
  readonly patienceMs: number;
  readonly onSettled: (outcome: SeedOutcome) => void;
  readonly onRefused: (line: number, reason: string) => void;
}

const LOOK_AGAIN_MS = 200;

/** Posts each line as its author would and publishes it as staff would. Again with the same lines: nothing changes. */
export async function seedReviews(
  needs: Needs,
  lines: AsyncIterable<string>,
  options: SeedOptions,
): Promise<SeedOutcome> {
  const outcome: SeedOutcome = { added: 0, unchanged: 0, refused: 0 };
  const deadline = needs.now().getTime() + options.patienceMs;
  const numbered = (async function* () {
    let number = 0;
    for await (const line of lines) {
      number += 1;
      if (line.trim() !== '') yield { number, line };
    }
  })();
  const lane = async () => {
    for (let next = await numbered.next(); !next.done; next = await numbered.next()) {
      const { number, line } = next.value;
      try {
        outcome[await seedOne(needs, seedLine.parse(JSON.parse(line)), deadline)] += 1;
      } catch (error) {
        if (!(error instanceof Refusal || error instanceof z.ZodError || error instanceof SyntaxError)) throw error;
        outcome.refused += 1;
        options.onRefused(number, error instanceof Refusal ? `${error.code}: ${error.message}` : error.message);
      }
      options.onSettled(outcome);
    }
  };
  await Promise.all(Array.from({ length: options.lanes }, lane));
  return outcome;
}

async function seedOne(needs: Needs, line: SeedLine, deadline: number): Promise<'added' | 'unchanged'> {
  const review = await posted(needs, line, deadline);
  // Whatever was decided about it since stays.
  if (review.status !== 'PENDING') return 'unchanged';
  const { changed } = await moderateReview(
    needs,
    { correlationId: newId() },
    {
      reviewId: review.id,
      status: 'PUBLISHED',
    },
  );
  return changed ? 'added' : 'unchanged';
}

async function posted(needs: Needs, line: SeedLine, deadline: number): Promise<Review> {
  const { author, postedAt, ...input } = line;
  const then = { ...needs, now: () => postedAt };
  for (;;) {
    try {
      return await postReview(then, { caller: authorNamed(author), correlationId: newId() }, input);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.code === 'ALREADY_REVIEWED' && error.current !== null) return error.current as Review;
      if (error.code !== 'PRODUCT_NOT_FOUND' || needs.now().getTime() > deadline) throw error;
      await sleep(LOOK_AGAIN_MS);
    }
  }
}

/** A shopper who never signs in: the same name is the same one, so a second run finds what the first has posted. */
function authorNamed(name: string): Caller {
  const digest = createHash('sha256').update(`seed/${name}`).digest('hex');
  const id = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    digest.slice(12, 16),
    digest.slice(16, 20),
    digest.slice(20, 32),
  ];
  return { ...ANONYMOUS, kind: 'user', id: id.join('-'), displayName: name };
}
