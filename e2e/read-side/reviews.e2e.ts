// A review: who bought is published at once and counted, who did not waits for staff.
import { eventually } from '@ebuy/testing';
import type { Merchandiser } from '@ebuy/tools/demo/staff.ts';
import type { Visitor } from '@ebuy/tools/demo/visitor.ts';
import { beforeAll, expect, test } from '@jest/globals';
import { buy, untilStatus } from '../client/purchase.ts';
import { type Sold, sell } from '../client/sell.ts';
import { asGuest, asMerchandiser, asShopper, asSupport } from '../client/shop.ts';
import { found, productPage, send } from '../client/storefront.ts';

interface Posted {
  readonly review: { readonly id: string; readonly verifiedPurchase: boolean } | null;
  readonly userErrors: readonly { readonly code: string }[];
}

const guest = asGuest();
let merchandiser: Merchandiser;

beforeAll(async () => {
  merchandiser = await asMerchandiser();
});

const post = async (visitor: Visitor, { productId }: Sold, words: object = {}): Promise<Posted> => {
  const input = { productId, stars: 4, title: 'Sturdy', body: 'It stands well & pours < a litre.', ...words };
  const { result, errors } = await send<{ postReview: Posted }>(visitor, 'PostReview', { input });
  if (result?.postReview == null) throw new Error(JSON.stringify(errors));
  return result.postReview;
};

/** Reviews hears of products and of purchases on its own. */
const posted = (visitor: Visitor, sold: Sold, isDone: (answer: Posted) => boolean): Promise<Posted> =>
  eventually(async () => {
    const answer = await post(visitor, sold);
    if (!isDone(answer)) throw new Error(JSON.stringify(answer));
    return answer;
  });

test('who bought it is on the page at once, in the rating and on the card; a second time is refused', async () => {
  const samovar = await sell(merchandiser);
  const shopper = await asShopper('shopper@example.com');
  const { key } = await buy(shopper, { variantId: samovar.variantId });
  await untilStatus(shopper, key, 'CONFIRMED');
  const purchases = 'query ($id: ID!) { order(id: $id) { story { type } } }';
  const support = await asSupport();
  await eventually(async () => {
    const { order } = await support.visitor.get<{ order: { story: { type: string }[] } }>(purchases, { id: key.id });
    expect(order.story.map(({ type }) => type)).toContain('purchase.recorded');
  });
  const { review } = await posted(shopper.visitor, samovar, (answer) => answer.review !== null);
  expect(review).toMatchObject({ verifiedPurchase: true });
  await eventually(async () => {
    const page = await productPage(guest.visitor, samovar.slug);
    expect(page?.rating).toMatchObject({ average: 4, count: 1 });
    expect(page?.reviews?.nodes).toMatchObject([
      { id: review?.id, stars: 4, body: 'It stands well & pours < a litre.', verifiedPurchase: true },
    ]);
    expect((await found(guest.visitor, samovar))?.rating).toMatchObject({ average: 4, count: 1 });
  });
  expect((await post(shopper.visitor, samovar)).userErrors).toMatchObject([{ code: 'ALREADY_REVIEWED' }]);
});

test('who did not waits for staff, and markup does nothing', async () => {
  const samovar = await sell(merchandiser);
  const [shopper, support] = await Promise.all([asShopper('shopper2@example.com'), asSupport()]);
  const hostile = { title: '<img src=x onerror=alert(1)>Shiny', body: 'Nice <script>alert(1)</script> shape' };
  const { review } = await eventually(async () => {
    const answer = await post(shopper.visitor, samovar, hostile);
    if (answer.review === null) throw new Error(JSON.stringify(answer));
    return answer;
  });
  expect(review).toMatchObject({ verifiedPurchase: false });
  expect((await productPage(guest.visitor, samovar.slug))?.reviews?.nodes).toEqual([]);
  await support.visitor.get(
    'mutation ($input: ModerateReviewInput!) { moderateReview(input: $input) { review { id } userErrors { code } } }',
    { input: { reviewId: review?.id, status: 'PUBLISHED' } },
  );
  await eventually(async () => {
    const page = await productPage(guest.visitor, samovar.slug);
    expect(page?.rating.count).toBe(1);
    expect(page?.reviews?.nodes[0]?.title).toBe('Shiny');
    expect(page?.reviews?.nodes[0]?.body).not.toMatch(/[<>]|script/);
  });
});
