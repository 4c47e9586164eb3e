import { describe, expect, test } from '@jest/globals';
import { Traces, tracesIn } from '../verify/books/traces.ts';
import { type CartRow, judgeCarts } from '../verify/checks/carts.ts';
import { judgeTraces } from '../verify/checks/secrecy.ts';
import { judgeTold, toldByOrder } from '../verify/checks/sent.ts';
import { compareHeard, judgeStates } from '../verify/checks/states.ts';
import { historyOf, sentEvent } from './verify-rows.ts';

describe('I9, what was told', () => {
  test('every step of a history has its event, a note has none', () => {
    const history = historyOf(
      'AWAITING_STOCK',
      'AWAITING_PAYMENT',
      ['AWAITING_PAYMENT', 'PAYMENT_DECLINED'],
      ['AWAITING_PAYMENT', 'PAYMENT_RETRIED'],
      ['CANCELLED', 'PAYMENT_NOT_COMPLETED'],
    );
    expect(toldByOrder({ history })).toEqual([
      'order.placed',
      'order.paymentRequested',
      'order.paymentRequested',
      'order.cancelled',
    ]);
  });

  test('one too few and one too many are both wrong', () => {
    expect(judgeTold('1', 'there', ['a', 'a', 'b'], ['a', 'a', 'b'])).toEqual([]);
    expect(judgeTold('1', 'there', ['a', 'a'], ['a', 'b'])).toMatchObject([
      { field: 'a', expected: '2 times', found: '1 times' },
      { field: 'b', expected: '0 times', found: '1 times' },
    ]);
  });

  test('a state topic ends with the newest version of everything', () => {
    const told = (version: number, highest = version, type = 'product.changed') =>
      new Map([['1', { type, version, highest }]]);
    const judged = (...[owned, states]: [number | null, ReturnType<typeof told>]) =>
      judgeStates('product', new Map(owned === null ? [] : [['1', owned]]), states).length;
    expect(judged(3, told(3))).toBe(0);
    expect(judged(3, told(2))).toBe(1);
    expect(judged(3, told(3, 4))).toBe(1);
    expect(judged(3, new Map())).toBe(1);
    expect(judged(null, told(1))).toBe(1);
    expect(judged(null, told(1, 1, 'catalogProduct.withdrawn'))).toBe(0);
  });

  test('and its followers have heard it', () => {
    const owned = new Map([
      ['1', 3],
      ['2', 1],
    ]);
    expect(compareHeard([{ what: 'stock', in: 'catalog', owned, heard: new Map([['1', 2]]) }])).toMatchObject({
      compared: 2,
      violations: [
        { expected: 3, found: 2 },
        { expected: 1, found: null },
      ],
    });
  });
});

describe('I9, carts', () => {
  const event = sentEvent('order.confirmed', { cartId: 'guest' }, { id: 'event-1' });
  const told = [sentEvent('cart.emptied', {}, { causationId: 'event-1' })];
  const judged = (carts: CartRow[], said = told) =>
    judgeCarts([event], new Map(carts.map((cart) => [cart._id, cart])), said).length;
  const guest = { _id: 'guest', status: 'OPEN', appliedEvents: ['event-1'] };

  test('what was ordered was taken out, and told', () => {
    expect(judged([guest])).toBe(0);
    expect(judged([guest], [])).toBe(1);
    expect(judged([{ ...guest, appliedEvents: [] }])).toBe(1);
    expect(judged([])).toBe(1);
  });

  test('also of the cart that it went into', () => {
    const merged = { _id: 'guest', status: 'CLOSED', mergedInto: 'own' };
    expect(judged([merged, { ...guest, _id: 'own' }])).toBe(0);
    expect(judged([merged, { _id: 'own', status: 'OPEN' }])).toBe(1);
  });

  test('one that was closed has nothing to take out; one with a long memory may have forgotten', () => {
    expect(judged([{ _id: 'guest', status: 'CLOSED' }])).toBe(0);
    const many = Array.from({ length: 100 }, (_, index) => `other-${index}`);
    expect(judged([{ _id: 'guest', status: 'OPEN', appliedEvents: many }])).toBe(0);
  });
});

describe('I15, what texts must not hold', () => {
  const secret = 'q8Jx2mYvT0b4nR6cK1wZs7LhGdPfEu3iAo9-_VtXNkM';
  const kinds = (text: string) => tracesIn(text, [secret]).map(({ kind }) => kind);

  test.each([
    ['an address', '{"to":"Ada.Lovelace+shop@mail.example.com"}', ['address']],
    ['a card in one piece', '{"card":4242424242424242}', ['card']],
    ['a card in groups', 'paid with 4242 4242 4242 4242.', ['card']],
    ['an American Express', '3782-822463-10005', ['card']],
    ['a secret in a URL', `postgresql://ebuy_orders:${secret}@127.0.0.1/ebuy_orders`, ['secret']],
    ['a token', `Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcdefghijklmnop`, ['token']],
  ])('%s', (_, text, found) => {
    expect(kinds(text)).toEqual(found);
  });

  test.each([
    ['a number without the check digit', '4242424242424241'],
    ['the time in milliseconds', '{"time":1795470000000}'],
    ['an id', '42424242-4242-4242-8242-424242424242'],
    ['a fraction', '0.4242424242424242'],
    ['a package', '/node_modules/@ebuy/events/src/index.ts and kafkajs@2.2.4'],
    ['a long name', 'a-slug-that-is-longer-than-any-secret-of-ours-could-ever-be'],
  ])('%s is none of these', (_, text) => {
    expect(kinds(text)).toEqual([]);
  });

  test('an address is somebody’s, and what is gone is forgotten', () => {
    const traces = new Traces([]);
    traces.note('topic/0/1', 'a@example.com and b@example.com');
    traces.note('topic/0/2', 'a@example.com');
    const judged = () => judgeTraces(traces.all(), new Set(['a@example.com'])).map(({ where }) => where);
    expect(judged()).toEqual(['topic/0/1', 'topic/0/2']);
    traces.forget((place) => place === 'topic/0/1');
    expect(judged()).toEqual(['topic/0/2']);
  });
});
