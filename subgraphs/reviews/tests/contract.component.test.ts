/** The contract's operations as clients send them: the part that reviews is asked of each. And what hostile clients send. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  buildClientSchema,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { codes, moderator, neighboursOf, openShop, type Payload, peopleOf, type ReviewsShop, someone } from './shop.ts';

let shop: ReviewsShop;
let schema: GraphQLSchema;
let people: ReturnType<typeof peopleOf>;
let neighbours: ReturnType<typeof neighboursOf>;

beforeAll(async () => {
  shop = await openShop();
  people = peopleOf(shop);
  neighbours = neighboursOf(shop);
  const { result } = await shop.ask<IntrospectionQuery>(getIntrospectionQuery());
  if (result === null) throw new Error('No introspection');
  schema = buildClientSchema(result);
});
afterAll(() => shop.close());

const operations = (client: string) =>
  parse(readFileSync(fileURLToPath(new URL(`../../../schema/operations/${client}.graphql`, import.meta.url)), 'utf8'));

function operation(client: string, name: string): DocumentNode {
  const document = operations(client);
  const found = document.definitions.find(
    (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION && node.name?.value === name,
  );
  if (found === undefined) throw new Error(`${client} does not send ${name}`);
  return { ...document, definitions: [found] };
}

/** Without the fields that other subgraphs complete, with the key that the router asks for instead. */
function ownPart(document: DocumentNode): string {
  const types = new TypeInfo(schema);
  const key = parse('{ __typename id }').definitions[0] as OperationDefinitionNode;
  const fields = {
    enter: () => (types.getFieldDef() ? undefined : null),
    leave: (node: FieldNode) =>
      node.selectionSet?.selections.length === 0 ? { ...node, selectionSet: key.selectionSet } : undefined,
  };
  return print(visit(document, visitWithTypeInfo(types, { Field: fields })));
}

/** The selection `reviews(first: 5) { … }` of the product page. */
function reviewsOfProductPage(): string {
  let selection = '';
  visit(operation('storefront', 'ProductPage'), {
    Field(node) {
      if (node.name.value === 'reviews') selection = print(node);
    },
  });
  return selection;
}

describe('the contract', () => {
  test('PostReview, ModerateReview, ProductPage and StaffReviews, as sent', async () => {
    const caller = someone({ displayName: 'Ada' });
    const productId = await neighbours.product();
    await neighbours.purchase(caller.id, [productId]);
    const input = { productId, stars: 5, title: 'Fine', body: 'Really.' };
    const posted = await shop.ask<{ postReview: Payload }>(
      ownPart(operation('storefront', 'PostReview')),
      { input },
      caller,
    );
    const id = posted.result?.postReview.review?.id ?? '';
    expect(posted).toEqual({
      result: {
        postReview: {
          review: { id, stars: 5, title: 'Fine', body: 'Really.', verifiedPurchase: true },
          userErrors: [],
        },
      },
      errors: [],
    });

    const selection = reviewsOfProductPage();
    expect(selection).toContain('reviews(first: 5)');
    const productPage = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Product { ${selection} } } }`;
    const representations = [{ __typename: 'Product', id: productId }];
    const page = await shop.ask(productPage, { representations });
    const createdAt = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const node = {
      id,
      stars: 5,
      title: 'Fine',
      body: 'Really.',
      verifiedPurchase: true,
      createdAt,
      author: { displayName: 'Ada' },
    };
    expect(page).toEqual({
      result: {
        _entities: [{ reviews: { nodes: [node], pageInfo: { hasNextPage: false, endCursor: expect.any(String) } } }],
      },
      errors: [],
    });

    const moderated = await shop.ask(
      ownPart(operation('console', 'ModerateReview')),
      { input: { reviewId: id, status: 'REJECTED', reason: 'spam' } },
      moderator,
    );
    expect(moderated).toEqual({
      result: { moderateReview: { review: { id, status: 'REJECTED' }, userErrors: [] } },
      errors: [],
    });
    expect((await shop.ask<{ _entities: unknown }>(productPage, { representations })).result?._entities).toEqual([
      { reviews: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } } },
    ]);

    const staffReviews = ownPart(operation('console', 'StaffReviews'));
    const listed = await shop.ask(staffReviews, { status: 'REJECTED', first: 10, after: null }, moderator);
    expect(listed).toEqual({
      result: {
        staffReviews: {
          totalCount: 1,
          nodes: [{ ...node, status: 'REJECTED', product: { __typename: 'Product', id: productId } }],
          pageInfo: { hasNextPage: false, endCursor: expect.any(String) },
        },
      },
      errors: [],
    });
  });
});

describe('hostile input', () => {
  const script = '<script>alert(document.cookie)</script>';
  const tricky = `${script}<img src=x onerror="alert(1)">&lt;svg onload=alert(1)&gt;Good, a < b, AT&T \u202Egnp.exe 👩‍👩‍👧 مرحبا`;

  test('markup in title, body and name: text comes out, on every way out', async () => {
    const caller = someone({ displayName: tricky });
    const productId = await neighbours.product();
    await neighbours.purchase(caller.id, [productId]);
    const { review } = await people.post(caller, productId, { title: tricky, body: `${tricky}\n<p>Second</p>` });
    const text = 'Good, a < b, AT&T gnp.exe 👩‍👩‍👧 مرحبا';
    const expected = { title: text, body: `${text}\nSecond`, author: { displayName: text } };
    expect(review).toMatchObject(expected);
    expect((await people.page(productId)).nodes).toMatchObject([expected]);
    expect((await people.staffPage(1)).nodes).toMatchObject([expected]);
    const reason = (await people.moderate(review?.id ?? '', 'REJECTED', tricky)).review;
    expect(reason?.status).toBe('REJECTED');
    expect(await shop.kept.reviews.findOne({ _id: review?.id ?? '' })).toMatchObject({ moderationReason: text });
  });

  test.each([
    ['10,000 characters in the title', { title: 'x'.repeat(10_000) }, 'title'],
    ['10,000 characters in the body', { body: 'x'.repeat(10_000) }, 'body'],
    ['a null byte in the title', { title: 'a\u0000b' }, 'title'],
    ['a null byte in the body', { body: 'a\u0000b' }, 'body'],
    ['half an emoji', { body: 'a\ud83d' }, 'body'],
    ['a line break in the title', { title: 'a\nb' }, 'title'],
    ['nothing but script', { title: script }, 'title'],
    ['nothing but what nobody sees', { body: '\u200B\u202E' }, 'body'],
    ['no stars', { stars: 0 }, 'stars'],
    ['six stars', { stars: 6 }, 'stars'],
  ])('%s: refused, said where', async (_, more, field) => {
    const { review, userErrors } = await people.post(someone(), await neighbours.product(), more);
    expect([review, userErrors.map((error) => [error.code, error.field])]).toEqual([
      null,
      [['INVALID_INPUT', [field]]],
    ]);
    expect(userErrors[0]?.message.length).toBeLessThan(200);
  });

  test.each(['{"$ne":null}', '$where', '../../etc', '\u0000', 'x'.repeat(10_000), "' OR 1=1 --"])(
    '%j as an id: not found',
    async (id) => {
      expect(codes(await people.post(someone(), id))).toEqual(['PRODUCT_NOT_FOUND']);
      expect(codes(await people.moderate(id, 'REJECTED'))).toEqual(['REVIEW_NOT_FOUND']);
    },
  );

  test('operators instead of ids: refused by the graph, or nothing', async () => {
    const evil = { $ne: null };
    const ask = 'mutation ($input: PostReviewInput!) { postReview(input: $input) { review { id } } }';
    const { errors } = await shop.ask(ask, { input: { productId: evil, stars: 1, title: 'T', body: 'B' } }, someone());
    expect(errors[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    for (const id of [evil, ['a'], 1, null]) {
      const { result } = await shop.ask<{ _entities: unknown[] }>(
        'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Product { reviews(first: 1) { totalCount } } ... on Review { id } } }',
        {
          of: [
            { __typename: 'Product', id },
            { __typename: 'Review', id },
          ],
        },
        moderator,
      );
      expect(result?._entities).toEqual([null, null]);
    }
  });

  test('as many characters as are allowed, each of them four bytes: kept as they are', async () => {
    const productId = await neighbours.product();
    const caller = someone();
    await neighbours.purchase(caller.id, [productId]);
    const words = { title: '👍'.repeat(200), body: '😀'.repeat(5_000) };
    expect((await people.post(caller, productId, words)).review).toMatchObject(words);
    await eventually(async () => expect((await people.page(productId)).nodes).toMatchObject([words]));
  });
});
