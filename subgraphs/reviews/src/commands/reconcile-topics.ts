/** What the topics of reviews and of ratings must end with, for each: the version that we keep. */
import { documentVersions, documentVersionsOf, newEvent, TOPICS, type TopicTruth, tellAgain } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { stateOf } from '../domain/review.ts';
import { COLLECTIONS, type RatingDocument, type ReviewDocument } from '../store/documents.ts';
import type { OpenStore } from '../store/index.ts';
import { toShown } from '../store/reviews.ts';

export function topicTruths({ database }: Pick<OpenStore, 'database'>): TopicTruth[] {
  const reviews = database.collection(COLLECTIONS.reviews);
  const ratings = database.collection(COLLECTIONS.ratings);
  const trace = () => ({ correlationId: newId(), causationId: null });
  return [
    {
      topic: TOPICS.review,
      versions: () => documentVersions(reviews),
      versionsOf: (keys) => documentVersionsOf(reviews, keys),
      announce: (keys) =>
        tellAgain<ReviewDocument>(reviews, keys, (review) =>
          newEvent(
            review.version === 1 ? 'review.posted' : 'review.moderated',
            stateOf(toShown(review), review.updatedAt),
            trace(),
          ),
        ),
    },
    {
      topic: TOPICS.rating,
      versions: () => documentVersions(ratings),
      versionsOf: (keys) => documentVersionsOf(ratings, keys),
      announce: (keys) =>
        tellAgain<RatingDocument>(ratings, keys, ({ _id: productId, version, histogram }) =>
          newEvent('rating.changed', { productId, version, histogram: [...histogram] }, trace()),
        ),
    },
  ];
}
