/**
 * Stripe's own books of a time, the oldest first. Its lists begin with the newest, so the time is cut into windows that hold one page,
 * wider where little was charged and narrower where much was. A page's cursor is the second where the next window begins, and how wide
 * that is tried; where one second alone has more than a page it is also the last id that was read of it.
 */
import { z } from 'zod';
import type { BookedCharge, BookedPage } from './provider.ts';
import { fromStripe } from './stripe-amounts.ts';
import { type IntentAnswer, type intentList, nonsense } from './stripe-answers.ts';
import { PAGE } from './stripe-talk.ts';

const SECOND_MS = 1_000;
const FIRST_WINDOW_SECONDS = 3_600;
const MAX_WINDOW_SECONDS = 30 * 86_400;
const MAX_REQUESTS = 24;

export type ReadIntents = (
  created: { readonly gte: number; readonly lt: number },
  after: string | undefined,
) => Promise<z.output<typeof intentList>>;

const cursor = z
  .string()
  .regex(/^\d{1,12}\/\d{1,7}(:pi_\w{1,250})?$/)
  .transform((text) => {
    const [from, id] = text.split(':');
    const [second, width] = (from ?? '').split('/').map(Number);
    return { second: second ?? 0, width: Math.max(width ?? 1, 1), id };
  });

export async function readBooks(
  since: Date,
  after: string | null,
  readIntents: ReadIntents,
  now = Date.now(),
): Promise<BookedPage> {
  const begun = after === null ? firstCursor(since) : cursor.parse(after);
  const end = Math.floor(now / SECOND_MS) + 1;
  let { second, width } = begun;
  for (let requests = 0; requests < MAX_REQUESTS && second < end; requests += 1) {
    const lt = Math.min(second + width, end);
    const page = await readIntents({ gte: second, lt }, requests === 0 ? begun.id : undefined);
    if (page.has_more && lt - second > 1) {
      width = Math.max(1, Math.floor((lt - second) / 4));
      continue;
    }
    if (page.has_more) return { charges: charges(page), next: `${second}/1:${page.data.at(-1)?.id}` };
    second = lt;
    if (page.data.length < PAGE / 3) width = Math.min(width * 4, MAX_WINDOW_SECONDS);
    if (page.data.length > 0) return { charges: charges(page), next: lt >= end ? null : `${lt}/${width}` };
  }
  return { charges: [], next: second >= end ? null : `${second}/${width}` };
}

const firstCursor = (since: Date) => ({
  second: Math.floor(since.getTime() / SECOND_MS),
  width: FIRST_WINDOW_SECONDS,
  id: undefined,
});

const charges = (page: z.output<typeof intentList>) => page.data.map(bookedCharge).reverse();

const STATUS: { readonly [Status in IntentAnswer['status']]: BookedCharge['status'] } = {
  requires_payment_method: 'DECLINED',
  requires_confirmation: 'PENDING',
  requires_action: 'PENDING',
  processing: 'PENDING',
  requires_capture: 'HELD',
  canceled: 'VOIDED',
  succeeded: 'CAPTURED',
};

function bookedCharge(answer: IntentAnswer): BookedCharge {
  const { id, status, amount, amount_received, currency, latest_charge, metadata, created } = answer;
  const refunded = typeof latest_charge === 'object' ? (latest_charge?.amount_refunded ?? 0) : 0;
  const ours = uuid.safeParse(metadata.reference).data ?? null;
  const minor = (value: number) => {
    const money = fromStripe({ amount: value, currency });
    if (money === null && ours !== null) throw nonsense('has an amount that is none of ours');
    return money?.amountMinor ?? value;
  };
  return {
    providerId: id,
    reference: ours,
    orderId: uuid.safeParse(metadata.orderId).data ?? null,
    amount: { amountMinor: minor(amount), currency: currency.toUpperCase() },
    status: STATUS[status],
    capturedMinor: minor(amount_received),
    refundedMinor: minor(refunded),
    bookedAt: new Date(created * SECOND_MS),
  };
}

const uuid = z.uuid();
