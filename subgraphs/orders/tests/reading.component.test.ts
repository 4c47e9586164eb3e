import { newId } from '@ebuy/kernel';
import { ANONYMOUS, accessTokenFor, type Caller } from '@ebuy/runtime';
import { partner, shopper, staff } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openShop, SECRET, type Shop } from './shop.ts';

const support = staff(['orders:read']);
let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

const ORDER_BY_ID = `query ($id: ID!, $accessToken: String) { order(id: $id, accessToken: $accessToken) { id email shippingAddress { line1 } authorizationEndsAt } }`;
const ask = async (id: string, caller: Caller, accessToken: string | null = null) => {
  const { result, errors } = await shop.ask<{ order: { id: string; email: string | null } | null }>(
    ORDER_BY_ID,
    { id, accessToken },
    caller,
  );
  return { order: result?.order ?? null, codes: errors.map(({ extensions }) => extensions?.code) };
};

interface Page {
  nodes: { id: string; status: string; email: string; history: { status: string }[] }[];
  edges: { cursor: string; node: { id: string } }[];
  totalCount: number;
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}
const PAGE =
  '{ totalCount nodes { id status email history { status } lines { sku } } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }';

describe('order', () => {
  test('for its owner, its guest, support and its partner', async () => {
    const mine = await shop.placed(shopper('ada'));
    expect((await ask(mine.id, shopper('ada'))).order).toMatchObject({
      id: mine.id,
      email: 'ada@example.com',
      shippingAddress: { line1: 'Street 1' },
    });
    expect(await ask(mine.id, support)).toMatchObject({ order: { email: 'ada@example.com' }, codes: [] });
    const guests = await shop.placed();
    expect((await ask(guests.id, ANONYMOUS, guests.accessToken)).order?.email).toBe('ada@example.com');
    const theirs = (await shop.place(shop.wish(), partner('acme'))).order!;
    expect((await ask(theirs.id, partner('acme'))).order).toMatchObject({
      id: theirs.id,
      email: null,
      shippingAddress: null,
    });
  });

  test('for everyone else: null and NOT_FOUND, as if it did not exist', async () => {
    const mine = await shop.placed(shopper('ada'));
    const guests = await shop.placed();
    const theirs = (await shop.place(shop.wish(), partner('acme'))).order!;
    for (const [id, caller, token] of [
      [newId(), shopper('ada'), null],
      ['no id', shopper('ada'), null],
      ['\u0000', ANONYMOUS, null],
      [mine.id, shopper('eve'), null],
      [mine.id, ANONYMOUS, null],
      [mine.id, ANONYMOUS, accessTokenFor(SECRET, 'order', mine.id)],
      [mine.id, staff(['catalog:write']), null],
      [guests.id, ANONYMOUS, null],
      [guests.id, ANONYMOUS, ''],
      [guests.id, ANONYMOUS, accessTokenFor(SECRET, 'cart', guests.id)],
      [guests.id, ANONYMOUS, accessTokenFor('another secret', 'order', guests.id)],
      [guests.id, shopper('ada'), null],
      [theirs.id, partner('other'), null],
      [theirs.id, partner('acme', ['partner:catalog']), null],
      [theirs.id, ANONYMOUS, accessTokenFor(SECRET, 'order', theirs.id)],
    ] as const) {
      expect(await ask(id, caller, token)).toEqual({ order: null, codes: ['NOT_FOUND'] });
    }
  });

  test('what staff alone see is kept from the owner', async () => {
    const mine = await shop.placed(shopper('ada'));
    expect(await ask(mine.id, shopper('ada'))).toMatchObject({
      order: { id: mine.id, authorizationEndsAt: null },
      codes: ['FORBIDDEN'],
    });
    expect(await ask(mine.id, support)).toMatchObject({ codes: [] });
  });

  test('by reference from another subgraph: for staff and the owner', async () => {
    const mine = await shop.placed(shopper('ada'));
    const guests = await shop.placed();
    const entity = async (id: string, caller: Caller) => {
      const { result, errors } = await shop.ask<{ _entities: ({ number: string } | null)[] }>(
        'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Order { id number } } }',
        { r: [{ __typename: 'Order', id }] },
        caller,
      );
      return result?._entities[0]?.number ?? errors[0]?.extensions?.code;
    };
    expect(await entity(mine.id, support)).toBe(mine.number);
    expect(await entity(mine.id, shopper('ada'))).toBe(mine.number);
    expect(await entity(mine.id, shopper('eve'))).toBe('NOT_FOUND');
    expect(await entity(guests.id, ANONYMOUS)).toBe('NOT_FOUND');
    expect(await entity('no id', support)).toBe('NOT_FOUND');
  });
});

describe('lists', () => {
  test('my orders, page by page, the newest first', async () => {
    const me = shopper(newId());
    const placed = [];
    for (let index = 0; index < 5; index += 1) placed.push((await shop.placed(me)).id);
    const pages: Page[] = [];
    for (let after: string | null = null; pages.length < 3; after = pages.at(-1)?.pageInfo.endCursor ?? null) {
      const answer = await shop.ask<{ me: { id: string; orders: Page } }>(
        `query ($after: String) { me { id orders(first: 2, after: $after) ${PAGE} } }`,
        { after },
        me,
      );
      pages.push(answer.result!.me.orders);
    }
    expect(pages.flatMap((page) => page.nodes.map(({ id }) => id))).toEqual([...placed].reverse());
    expect(pages.map(({ pageInfo }) => [pageInfo.hasNextPage, pageInfo.hasPreviousPage])).toEqual([
      [true, false],
      [true, true],
      [false, true],
    ]);
    expect(pages.map(({ totalCount }) => totalCount)).toEqual([5, 5, 5]);
    expect(pages[0]?.edges[0]?.cursor).toBe(pages[0]?.pageInfo.startCursor);
    expect(pages[0]?.nodes[0]?.history).toEqual([{ status: 'AWAITING_STOCK' }]);
  });

  test('another user’s orders are for support only; a guest is nobody', async () => {
    const me = shopper(newId());
    await shop.placed(me);
    const orders = async (caller: Caller) => {
      const { result, errors } = await shop.ask<{ _entities: { orders: Page | null }[] }>(
        `query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { orders(first: 1) ${PAGE} } } }`,
        { r: [{ __typename: 'User', id: me.id }] },
        caller,
      );
      return result?._entities[0]?.orders?.totalCount ?? errors[0]?.extensions?.code;
    };
    expect([await orders(me), await orders(support), await orders(shopper('eve')), await orders(ANONYMOUS)]).toEqual([
      1,
      1,
      'FORBIDDEN',
      'UNAUTHENTICATED',
    ]);
    const nobody = await shop.ask<{ me: unknown }>('{ me { id } }');
    expect([nobody.result?.me, nobody.errors[0]?.extensions?.code]).toEqual([null, 'UNAUTHENTICATED']);
    expect((await shop.ask<{ me: unknown }>('{ me { id } }', {}, partner('acme'))).result?.me).toBeNull();
  });

  test('staff find by number, id, the beginning of an address, and status', async () => {
    const email = `percent%_${newId().slice(-8)}@example.com`;
    const { order } = await shop.place(shop.wish({ email: email.toUpperCase() }), shopper('ada'));
    const one = order!;
    const find = async (variables: Record<string, unknown>, caller: Caller = support) => {
      const { result, errors } = await shop.ask<{ staffOrders: Page | null }>(
        `query ($status: OrderStatus, $query: String, $first: Int! = 100, $authorizationEnded: Boolean) {
          staffOrders(status: $status, query: $query, first: $first, authorizationEnded: $authorizationEnded) ${PAGE} }`,
        variables,
        caller,
      );
      return result?.staffOrders?.nodes.map(({ id }) => id) ?? errors[0]?.extensions?.code;
    };
    for (const query of [
      one.number,
      one.number.slice(3),
      one.id,
      email,
      email.slice(0, 14),
      ` ${one.number.toLowerCase()} `,
    ]) {
      expect(await find({ query })).toEqual([one.id]);
    }
    expect(await find({ query: one.number, status: 'SHIPPED' })).toEqual([]);
    expect(await find({ query: 'percentX' })).toEqual([]);
    expect(await find({ query: '%' })).toEqual([]);
    expect(await find({ query: "' OR 1=1 --" })).toEqual([]);
    expect(await find({ query: 'a\u0000' })).toBe('BAD_USER_INPUT');
    expect(await find({ query: 'x'.repeat(255) })).toBe('BAD_USER_INPUT');
    expect(await find({ first: 0 })).toBe('BAD_USER_INPUT');
    expect(await find({ first: 101 })).toBe('BAD_USER_INPUT');
    expect(await find({}, shopper('ada'))).toBe('FORBIDDEN');
    expect(await find({}, ANONYMOUS)).toBe('UNAUTHENTICATED');

    await shop.database.query(
      `UPDATE orders SET status = 'CONFIRMED', payment_method = NULL, deadline_at = NULL, authorization_ends_at = now() - interval '1 hour' WHERE id = $1`,
      [one.id],
    );
    expect(await find({ authorizationEnded: true })).toEqual([one.id]);
    expect(await find({ authorizationEnded: true, status: 'SHIPPED' })).toEqual([]);
  });

  test('a cursor of nowhere is refused', async () => {
    for (const after of ['nonsense', Buffer.from('x'.repeat(36)).toString('base64url'), 'A'.repeat(5_000)]) {
      const { errors } = await shop.ask(
        'query ($after: String) { staffOrders(first: 1, after: $after) { nodes { id } } }',
        { after },
        support,
      );
      expect(errors[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    }
  });
});
