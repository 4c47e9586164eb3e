import { committing } from '@ebuy/events';
import { faulting } from '@ebuy/runtime';
import type { Models } from './documents.ts';

/** Who was erased, so that what comes late does not bring them back. */
export interface Erasures {
  has(userId: string): Promise<boolean>;
  add(userId: string, at: Date): Promise<void>;
}

export function erasuresIn({ erasures }: Pick<Models, 'erasures'>): Erasures {
  return {
    has: (userId) => faulting(async () => (await erasures.findOne({ _id: userId }, { _id: 1 }).lean()) !== null),
    add: (userId, at) =>
      faulting(async () => {
        await committing(() =>
          erasures.updateOne({ _id: userId }, { $setOnInsert: { erasedAt: at } }, { upsert: true }),
        );
      }),
  };
}
