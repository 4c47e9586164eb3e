import { isId } from '@ebuy/kernel';
import { type Caller, hasScope } from '@ebuy/runtime';
import { isCleanText } from '../domain/checks.ts';
import { type OrderStatus, parseInvoiceNumber } from '../domain/order.ts';
import type { OrderSeen } from '../domain/order-seen.ts';
import { queryRefusal } from '../refusals.ts';
import type { Store } from '../store/index.ts';
import { findPage, type OrderFilter } from '../store/reads.ts';

const MAX_FIRST = 100;
const MAX_QUERY_CHARACTERS = 254;

export interface PageInput {
  readonly first: number;
  readonly after?: string | null | undefined;
}

export interface OrderPageSeen {
  readonly orders: readonly OrderSeen[];
  readonly hasNextPage: boolean;
  /** What the page is of: counted only when the total is asked for. */
  readonly filter: OrderFilter;
  /** Whether it began behind a cursor. */
  readonly continued: boolean;
}

export async function userOrders(
  needs: { readonly store: Store },
  caller: Caller,
  userId: string,
  page: PageInput,
): Promise<OrderPageSeen> {
  const self = caller.kind === 'user' && caller.id === userId;
  if (!self && !hasScope(caller, 'orders:read')) throw queryRefusal('FORBIDDEN');
  return pageOf(needs.store, { userId }, page);
}

export interface StaffOrdersInput extends PageInput {
  readonly status?: OrderStatus | null | undefined;
  readonly query?: string | null | undefined;
  readonly authorizationEnded?: boolean | null | undefined;
}

/** Who may ask stands in the schema. */
export async function staffOrders(
  needs: { readonly store: Store },
  input: StaffOrdersInput,
  now: Date,
): Promise<OrderPageSeen> {
  const filter = {
    ...(input.status ? { status: input.status } : {}),
    ...searchFor(input.query?.trim() ?? ''),
    ...(input.authorizationEnded ? { authorizationEndedBefore: now } : {}),
  };
  return pageOf(needs.store, filter, input);
}

function searchFor(text: string): OrderFilter {
  if (text === '') return {};
  if (!isCleanText(text, MAX_QUERY_CHARACTERS)) {
    throw queryRefusal(
      'BAD_USER_INPUT',
      `query has at most ${MAX_QUERY_CHARACTERS} characters, none of them control characters.`,
    );
  }
  if (isId(text)) return { id: text.toLowerCase() };
  const number = parseInvoiceNumber(text);
  return number === null ? { emailPrefix: text } : { number };
}

async function pageOf(store: Store, filter: OrderFilter, { first, after }: PageInput): Promise<OrderPageSeen> {
  if (first < 1 || first > MAX_FIRST) throw queryRefusal('BAD_USER_INPUT', `first is 1 to ${MAX_FIRST}.`);
  const afterId = after === null || after === undefined ? null : decodeCursor(after);
  const page = await findPage(store, filter, { first, afterId });
  return {
    // Owners and staff alone are handed pages.
    orders: page.orders.map((order) => ({ order, contact: true })),
    hasNextPage: page.hasNextPage,
    filter,
    continued: afterId !== null,
  };
}

export function encodeCursor(orderId: string): string {
  return Buffer.from(orderId).toString('base64url');
}

function decodeCursor(cursor: string): string {
  const id = cursor.length <= 64 ? Buffer.from(cursor, 'base64url').toString() : '';
  if (!isId(id)) throw queryRefusal('BAD_USER_INPUT', 'after is not a cursor of this list. Start again without it.');
  return id;
}
