import { ANONYMOUS } from '@ebuy/runtime';
import { partner, shopper, staff } from '@ebuy/testing';
import { describe, expect, test } from '@jest/globals';
import { accessTo, seesContact } from '../src/domain/access.ts';
import { anOrder } from './orders.ts';

const guests = anOrder('CONFIRMED');
const adas = anOrder('CONFIRMED', { userId: 'ada' });
const partners = anOrder('CONFIRMED', { clientId: 'acme' });
const read = { tokenOpens: false, staffScope: 'orders:read' } as const;

describe('whose an order is', () => {
  test.each([
    ['its owner', adas, shopper('ada'), read, 'owner'],
    ['another shopper', adas, shopper('eve'), read, null],
    ['a shopper, of a guest order', guests, shopper('eve'), read, null],
    ['nobody in particular', adas, ANONYMOUS, read, null],
    ['an anonymous caller whose id is null like the order’s', guests, ANONYMOUS, read, null],
    ['who has the guest’s token', guests, ANONYMOUS, { ...read, tokenOpens: true }, 'tokenHolder'],
    [
      'who signed in since and has the guest’s token',
      guests,
      shopper('eve'),
      { ...read, tokenOpens: true },
      'tokenHolder',
    ],
    ['a token, of an order that no guest placed', adas, ANONYMOUS, { ...read, tokenOpens: true }, null],
    ['a token, of a partner’s order', partners, ANONYMOUS, { ...read, tokenOpens: true }, null],
    ['support', adas, staff(['orders:read']), read, 'staff'],
    ['staff of another kind', adas, staff(['catalog:write']), read, null],
    [
      'support that may not write, writing',
      adas,
      staff(['orders:read']),
      { ...read, staffScope: 'orders:write' },
      null,
    ],
    ['a role without its scope', adas, shopper('eve', { roles: ['admin', 'support'] }), read, null],
    ['the partner', partners, partner('acme'), read, 'partner'],
    ['another partner', partners, partner('other'), read, null],
    ['the partner without its scope', partners, partner('acme', ['partner:catalog']), read, null],
    ['a user named like the partner', partners, shopper('acme'), read, null],
    ['a client named like the user', adas, partner('ada'), read, null],
  ] as const)('%s', (_, order, caller, options, access) => {
    expect(accessTo(order, caller, options)).toBe(access);
  });

  test('a partner sees no e-mail and no address', () => {
    expect((['owner', 'tokenHolder', 'staff', 'partner'] as const).filter(seesContact)).toEqual([
      'owner',
      'tokenHolder',
      'staff',
    ]);
  });
});
