import { refusal } from '../refusals.ts';
import { isStars } from './rating.ts';
import type { Words } from './review.ts';
import { plainText, requiredText } from './text.ts';

const MAX_TITLE = 200;
const MAX_BODY = 5_000;
const MAX_REASON = 500;

/** What is said, sound and without markup. */
export function soundWords({ stars, title, body }: Words): Words {
  if (!isStars(stars)) {
    throw refusal('INVALID_INPUT', { message: 'Give one to five stars.', field: ['stars'] });
  }
  return {
    stars,
    title: requiredText(title, { field: 'title', max: MAX_TITLE }),
    body: requiredText(body, { field: 'body', max: MAX_BODY, layout: true }),
  };
}

export function soundReason(reason: string | null | undefined): string | null {
  if (reason === null || reason === undefined) return null;
  return plainText(reason, { field: 'reason', max: MAX_REASON, layout: true });
}
