import { expect, test } from '@jest/globals';
import type { IntentAnswer } from '../src/provider/stripe-answers.ts';
import { readBooks } from '../src/provider/stripe-books.ts';

const SINCE = new Date('2026-11-23T00:00:00.000Z');
const START = SINCE.getTime() / 1_000;
const REFERENCE = '01939f00-0000-7000-8000-000000000001';

const intent = (index: number, created: number, change: Partial<IntentAnswer> = {}): IntentAnswer => ({
  id: `pi_${index}`,
  object: 'payment_intent',
  livemode: false,
  created,
  status: 'requires_capture',
  capture_method: 'manual',
  amount: 2_000,
  amount_capturable: 2_000,
  amount_received: 0,
  currency: 'eur',
  metadata: {},
  next_action: null,
  last_payment_error: null,
  latest_charge: null,
  ...change,
});

async function readAll(intents: readonly IntentAnswer[], hours = 48) {
  let requests = 0;
  const read = async ({ gte, lt }: { gte: number; lt: number }, after: string | undefined) => {
    requests += 1;
    const fitting = intents.filter(({ created }) => created >= gte && created < lt).toReversed();
    const from = after === undefined ? 0 : fitting.findIndex(({ id }) => id === after) + 1;
    return { data: fitting.slice(from, from + 100), has_more: fitting.length > from + 100 };
  };
  const pages = [];
  for (let after: string | null = null; ; ) {
    const page = await readBooks(SINCE, after, read, SINCE.getTime() + hours * 3_600_000);
    pages.push(page.charges);
    after = page.next;
    if (after === null) return { pages, requests, charges: pages.flat() };
  }
}

test.each([
  ['nothing', []],
  ['one an hour', Array.from({ length: 40 }, (_, index) => intent(index, START + index * 3_600))],
  [
    'a crowd after a quiet day',
    Array.from({ length: 950 }, (_, index) => intent(index, START + 86_400 + (index >> 1))),
  ],
  ['a crowd in one second', Array.from({ length: 450 }, (_, index) => intent(index, START + 7_200))],
  ['a year ago', [intent(1, START - 1)]],
])('%s: each once, the oldest first, at most a hundred a page', async (_what, intents) => {
  const { pages, charges, requests } = await readAll(intents);
  const wanted = intents.filter(({ created }) => created >= START);
  expect(charges.map(({ providerId }) => providerId).toSorted()).toEqual(wanted.map(({ id }) => id).toSorted());
  const times = charges.map(({ bookedAt }) => bookedAt.getTime());
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  for (const page of pages) expect(page.length).toBeLessThanOrEqual(100);
  expect(requests).toBeLessThan(intents.length / 20 + 60);
});

test('what is ours has our names and units; what is not has none', async () => {
  const metadata = { reference: REFERENCE, orderId: REFERENCE };
  const latest_charge = {
    object: 'charge' as const,
    created: START,
    amount_refunded: 300,
    payment_method_details: null,
  };
  const taken = { metadata, status: 'succeeded', currency: 'isk', amount: 500, amount_received: 500, latest_charge };
  const foreign = { metadata: { reference: 'no-uuid' }, currency: 'xyz', status: 'requires_payment_method' };
  const { charges } = await readAll([
    intent(1, START, taken as Partial<IntentAnswer>),
    intent(2, START + 1, foreign as Partial<IntentAnswer>),
  ]);
  expect(charges).toEqual([
    {
      providerId: 'pi_1',
      reference: REFERENCE,
      orderId: REFERENCE,
      amount: { amountMinor: 5, currency: 'ISK' },
      status: 'CAPTURED',
      capturedMinor: 5,
      refundedMinor: 3,
      bookedAt: SINCE,
    },
    expect.objectContaining({
      reference: null,
      orderId: null,
      status: 'DECLINED',
      amount: { amountMinor: 2_000, currency: 'XYZ' },
    }),
  ]);
});

test.each(['', '12', '12/', '1/1:', 'pi_1', '1/1:pi_1:2', '99999999999999/1', "1/1';--"])(
  'a cursor that is none of ours: %s',
  async (after) => {
    await expect(readBooks(SINCE, after, async () => ({ data: [], has_more: false }))).rejects.toThrow();
  },
);
