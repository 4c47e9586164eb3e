import { TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually, partner } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { codes, moderator, neighboursOf, openShop, peopleOf, productEvent, type ReviewsShop, someone } from './shop.ts';

let shop: ReviewsShop;
let people: ReturnType<typeof peopleOf>;
let neighbours: ReturnType<typeof neighboursOf>;

beforeAll(async () => {
  shop = await openShop();
  people = peopleOf(shop);
  neighbours = neighboursOf(shop);
});
afterAll(() => shop.close());

describe('postReview', () => {
  test('by who bought it: published at once, on the page at once, told of once', async () => {
    const watched = await shop.kafka.watch(TOPICS.review);
    const caller = someone({ displayName: 'Ada  <b>Lovelace</b>' });
    const productId = await neighbours.product();
    await neighbours.purchase(caller.id, [productId, newId()]);
    const { review, userErrors } = await people.post(caller, productId, {
      stars: 5,
      title: ' Fine ',
      body: 'One.\r\nTwo.',
    });
    expect(userErrors).toEqual([]);
    expect(review).toMatchObject({
      ...{ stars: 5, title: 'Fine', body: 'One.\nTwo.', verifiedPurchase: true, status: 'PUBLISHED', version: 1 },
      ...{ author: { displayName: 'Ada Lovelace' }, product: { id: productId } },
    });
    const page = await people.page(productId);
    expect(page).toEqual({
      totalCount: 1,
      nodes: [review],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, endCursor: expect.any(String) },
    });
    const told = await eventually(() => {
      const own = watched.events.filter(({ subject }) => subject === review?.id);
      expect(own).toHaveLength(1);
      return own[0];
    });
    expect(told).toMatchObject({
      type: 'review.posted',
      payload: { productId, stars: 5, status: 'PUBLISHED', version: 1 },
    });
    expect(JSON.stringify(told)).not.toContain(caller.id);
    expect(JSON.stringify(told)).not.toContain('Ada');
  });

  test('by who did not buy it: waits for staff; once a product', async () => {
    const caller = someone();
    const productId = await neighbours.product();
    const { review } = await people.post(caller, productId);
    expect(review).toMatchObject({ verifiedPurchase: false, status: 'PENDING' });
    expect((await people.page(productId)).totalCount).toBe(0);
    const again = await people.post(caller, productId.toUpperCase(), { title: 'Another word' });
    expect([codes(again), again.review?.id]).toEqual([['ALREADY_REVIEWED'], review?.id]);
    expect((await people.post(someone(), productId)).userErrors).toEqual([]);
  });

  test('one a purchase and product; the very same words take no second purchase’s place', async () => {
    const caller = someone();
    const [productId, other] = [await neighbours.product(), await neighbours.product()];
    await neighbours.purchase(caller.id, [productId, other, productId]);
    await neighbours.purchase(caller.id, [productId]);
    const first = await people.post(caller, productId);
    const twice = await people.post(caller, productId);
    expect([codes(twice), twice.review?.id]).toEqual([['ALREADY_REVIEWED'], first.review?.id]);
    const second = await people.post(caller, productId, { title: 'After a year' });
    expect([codes(second), second.review?.verifiedPurchase]).toEqual([[], true]);
    const third = await people.post(caller, productId, { title: 'After two' });
    expect([codes(third), third.review?.id]).toEqual([['ALREADY_REVIEWED'], second.review?.id]);
    expect(codes(await people.post(caller, other))).toEqual([]);
    // What a guest bought verifies nobody.
    const guests = await neighbours.product();
    await neighbours.purchase(null, [guests]);
    expect((await people.post(caller, guests)).review?.verifiedPurchase).toBe(false);
  });

  test('two tabs and ten clicks: one review, and all are told which', async () => {
    for (const bought of [true, false]) {
      const caller = someone();
      const productId = await neighbours.product();
      if (bought) await neighbours.purchase(caller.id, [productId]);
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => people.post(caller, productId, { title: `Tab ${index % 2}` })),
      );
      expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
      expect(answers.flatMap(codes)).toEqual(Array.from({ length: 9 }, () => 'ALREADY_REVIEWED'));
      expect(new Set(answers.map(({ review }) => review?.id)).size).toBe(1);
      expect(await shop.kept.reviews.countDocuments({ productId })).toBe(1);
    }
  });

  test('of what is not there, never was on sale, or is withdrawn: only who bought it', async () => {
    const caller = someone();
    const [draft, withdrawn, late] = [newId(), newId(), await neighbours.product()];
    await shop.kafka.publish([
      productEvent(draft, 1, 'DRAFT'),
      productEvent(withdrawn, 3, 'WITHDRAWN'),
      productEvent(withdrawn, 2, 'PUBLISHED'),
    ]);
    await eventually(async () =>
      expect(await shop.kept.products.findOne({ _id: withdrawn })).toMatchObject({ version: 3 }),
    );
    await neighbours.product(late);
    for (const id of [newId(), draft, withdrawn, 'nonsense', '']) {
      const { review, userErrors } = await people.post(caller, id);
      expect([review, userErrors.map(({ code, field }) => [code, field])]).toEqual([
        null,
        [['PRODUCT_NOT_FOUND', ['productId']]],
      ]);
    }
    await neighbours.purchase(caller.id, [withdrawn]);
    expect((await people.post(caller, withdrawn)).review?.status).toBe('PUBLISHED');
    await shop.kafka.publish([productEvent(withdrawn, 4, 'PUBLISHED')]);
    await eventually(async () => expect(codes(await people.post(someone(), withdrawn))).toEqual([]));
  });

  test('not without signing in, and not by a partner’s machine', async () => {
    const productId = await neighbours.product();
    const input = { productId, stars: 1, title: 'T', body: 'B' };
    const ask = 'mutation ($input: PostReviewInput!) { postReview(input: $input) { review { id } } }';
    const guest = await shop.ask(ask, { input });
    expect([guest.result, guest.errors[0]?.extensions?.code]).toEqual([{ postReview: null }, 'UNAUTHENTICATED']);
    const machine = await shop.ask(ask, { input }, partner('erp', ['reviews:moderate']));
    expect([machine.result, machine.errors[0]?.extensions?.code]).toEqual([{ postReview: null }, 'FORBIDDEN']);
    expect(await shop.kept.reviews.countDocuments({ productId })).toBe(0);
  });
});

describe('moderateReview', () => {
  test('publishes, rejects, publishes again; the same again changes nothing and tells nothing', async () => {
    const watched = await shop.kafka.watch(TOPICS.review);
    const productId = await neighbours.product();
    const { review } = await people.post(someone(), productId, { stars: 2 });
    const id = review?.id ?? '';
    const stepped = [];
    for (const status of ['PUBLISHED', 'PUBLISHED', 'REJECTED', 'REJECTED', 'PUBLISHED']) {
      const { review: now } = await people.moderate(id, status, `because ${status}`);
      stepped.push([now?.status, now?.version, (await people.page(productId)).totalCount]);
    }
    expect(stepped).toEqual([
      ['PUBLISHED', 2, 1],
      ['PUBLISHED', 2, 1],
      ['REJECTED', 3, 0],
      ['REJECTED', 3, 0],
      ['PUBLISHED', 4, 1],
    ]);
    const told = await eventually(() => {
      const own = watched.events.filter(({ subject }) => subject === id);
      expect(own.length).toBeGreaterThanOrEqual(4);
      return own.map(({ type, payload }) => [type, (payload as { version: number }).version]);
    });
    expect(told).toEqual([['review.posted', 1], ...[2, 3, 4].map((version) => ['review.moderated', version])]);
  });

  test('back to PENDING, of what is not there, with a reason too long: refused', async () => {
    const { review } = await people.post(someone(), await neighbours.product());
    const id = review?.id ?? '';
    expect((await people.moderate(id, 'PENDING')).userErrors).toMatchObject([
      { code: 'INVALID_STATUS', field: ['status'] },
    ]);
    for (const wrong of [newId(), 'nonsense', '']) {
      expect((await people.moderate(wrong, 'REJECTED')).userErrors).toMatchObject([
        { code: 'REVIEW_NOT_FOUND', field: ['reviewId'] },
      ]);
    }
    for (const reason of ['x'.repeat(501), 'nul\u0000']) {
      expect((await people.moderate(id, 'REJECTED', reason)).userErrors).toMatchObject([
        { code: 'INVALID_INPUT', field: ['reason'] },
      ]);
    }
    expect((await shop.kept.reviews.findOne({ _id: id }))?.version).toBe(1);
  });

  test('at the same time by many: each step is one version, none is lost', async () => {
    const { review } = await people.post(someone(), await neighbours.product());
    const id = review?.id ?? '';
    await Promise.all(
      Array.from({ length: 12 }, (_, index) => people.moderate(id, index % 2 ? 'PUBLISHED' : 'REJECTED')),
    );
    const { version = 0, status } = (await shop.kept.reviews.findOne({ _id: id })) ?? {};
    expect(version).toBeGreaterThanOrEqual(3);
    expect(version).toBeLessThanOrEqual(13);
    expect((await people.page(review?.product.id ?? '')).totalCount).toBe(status === 'PUBLISHED' ? 1 : 0);
  });

  test('staff alone, and the reason too', async () => {
    const productId = await neighbours.product();
    const caller = someone();
    const { review } = await people.post(caller, productId);
    const id = review?.id ?? '';
    const moderate = 'mutation ($input: ModerateReviewInput!) { moderateReview(input: $input) { review { id } } }';
    const refused = await shop.ask(moderate, { input: { reviewId: id, status: 'PUBLISHED' } }, caller);
    expect([refused.result, refused.errors[0]?.extensions?.code]).toEqual([{ moderateReview: null }, 'FORBIDDEN']);
    const listed = await shop.ask('{ staffReviews(first: 1) { nodes { id } } }', {}, caller);
    expect([listed.result, listed.errors[0]?.extensions?.code]).toEqual([{ staffReviews: null }, 'FORBIDDEN']);
    await people.moderate(id, 'PUBLISHED', 'reads well');
    const entity =
      'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Review { id moderationReason } } }';
    const of = [{ __typename: 'Review', id }];
    expect((await shop.ask(entity, { of }, moderator)).result).toEqual({
      _entities: [{ id, moderationReason: 'reads well' }],
    });
    expect((await shop.ask(entity, { of }, caller)).result).toEqual({ _entities: [{ id, moderationReason: null }] });
  });
});

test('a review by its id: everybody’s once published, before that its author’s and staff’s', async () => {
  const caller = someone();
  const { review } = await people.post(caller, await neighbours.product());
  const of = [
    { __typename: 'Review', id: review?.id },
    { __typename: 'Review', id: newId() },
    { __typename: 'Review', id: { $ne: null } },
  ];
  const entities = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Review { id } } }';
  const seen = async (who?: typeof caller) =>
    (await shop.ask<{ _entities: unknown[] }>(entities, { of }, who)).result?._entities;
  const shown = [{ id: review?.id }, null, null];
  expect([await seen(), await seen(someone()), await seen(caller), await seen(moderator)]).toEqual([
    [null, null, null],
    [null, null, null],
    shown,
    shown,
  ]);
  await people.moderate(review?.id ?? '', 'PUBLISHED');
  expect(await seen()).toEqual(shown);
});
