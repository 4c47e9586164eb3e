/** GraphQL in: reads arguments, calls a command or a query, shows the answer. */
import { isId, Refusal } from '@ebuy/kernel';
import { payloadOf, perRequest } from '@ebuy/runtime';
import DataLoader from 'dataloader';
import { cancelOrder } from '../commands/cancel-order.ts';
import type { ChangedOrder } from '../commands/change-order.ts';
import { deliverOrder } from '../commands/deliver-order.ts';
import { type PlaceOrderNeeds, placeOrder } from '../commands/place-order.ts';
import { retryPayment } from '../commands/retry-payment.ts';
import { shipOrder } from '../commands/ship-order.ts';
import { invoiceNumber, type Order } from '../domain/order.ts';
import type { OrderSeen } from '../domain/order-seen.ts';
import { tellStory } from '../domain/story.ts';
import type { Resolvers } from '../generated/graphql.ts';
import { checkoutQuote } from '../queries/checkout-quote.ts';
import { findVisibleOrder, visible } from '../queries/find-order.ts';
import { encodeCursor, staffOrders, userOrders } from '../queries/order-pages.ts';
import { type WatchNeeds, watchOrder, watchOrders } from '../queries/watch-orders.ts';
import type { RefusalCode } from '../refusals.ts';
import type { Store } from '../store/index.ts';
import { countOrders, findHistory, findLines, findOrders } from '../store/reads.ts';
import { findStories } from '../store/story.ts';

/** A user as this subgraph knows one. @public Named by codegen.json. */
export interface UserReference {
  readonly id: string;
}

export function createResolvers(needs: PlaceOrderNeeds & WatchNeeds): Resolvers {
  const { store } = needs;
  return {
    Query: {
      me: (_, __, { caller }) => (caller.kind === 'user' && caller.id !== null ? { id: caller.id } : null),
      checkoutQuote: async (_, { input }, context) => {
        const { quote, userErrors } = await refusable('quote', () => checkoutQuote(needs, context, input));
        return {
          shippingOptions: [...(quote?.shippingOptions ?? [])],
          shippingOptionCode: quote?.chosen.code ?? null,
          subtotal: quote?.subtotal ?? null,
          shippingTotal: quote?.shippingTotal ?? null,
          taxTotal: quote?.taxTotal ?? null,
          total: quote?.total ?? null,
          userErrors,
        };
      },
      order: (_, { id, accessToken }, { caller }) =>
        findVisibleOrder(needs, caller, { id, accessToken: accessToken ?? null }),
      staffOrders: (_, input) => staffOrders(needs, input, needs.now()),
    },
    Mutation: {
      placeOrder: async (_, { input }, context) => {
        try {
          return { ...(await placeOrder(needs, context, input)), total: null, userErrors: [] };
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          const { total, userErrors } = await refusable('total', () => Promise.reject(error));
          return { order: null, accessToken: null, replayed: false, total, userErrors };
        }
      },
      retryPayment: (_, { input }, context) => changed(() => retryPayment(needs, context, input)),
      cancelOrder: (_, { input }, context) => changed(() => cancelOrder(needs, context, input)),
      shipOrder: (_, { input }, context) => changed(() => shipOrder(needs, context, input)),
      deliverOrder: (_, { input }, context) => changed(() => deliverOrder(needs, context, input)),
    },
    Subscription: subscriptionsOf(needs),
    User: {
      __resolveReference: ({ id }) => ({ id }),
      orders: ({ id }, page, { caller }) => userOrders(needs, caller, id, page),
    },
    Order: orderOf(store),
    OrderLine: { variant: ({ variantId }) => ({ id: variantId }) },
    OrderHistoryEntry: { at: ({ at }) => at.toISOString() },
    OrderConnection: {
      nodes: ({ orders }) => [...orders],
      edges: ({ orders }) => orders.map((node) => ({ node, cursor: encodeCursor(node.order.id) })),
      pageInfo: ({ orders, hasNextPage, continued }) => ({
        hasNextPage,
        hasPreviousPage: continued,
        startCursor: cursorOf(orders.at(0)),
        endCursor: cursorOf(orders.at(-1)),
      }),
      totalCount: ({ filter }) => countOrders(store, filter),
    },
  };
}

function orderOf(store: Store): NonNullable<Resolvers['Order']> {
  const orderById = perRequest(() => new DataLoader((ids: readonly string[]) => findOrders(store, ids)));
  const linesOf = perRequest(
    () => new DataLoader((orders: readonly Order[]) => findLines(store, orders), { cacheKeyFn: (order) => order.id }),
  );
  const historyOf = perRequest(() => new DataLoader((ids: readonly string[]) => findHistory(store, ids)));
  const storyOf = perRequest(() => new DataLoader((ids: readonly string[]) => findStories(store, ids)));
  return {
    __resolveReference: async ({ id }, context) =>
      visible(isId(id) ? await orderById(context).load(id.toLowerCase()) : null, context.caller),
    ...orderFields,
    lines: async ({ order, lines }, _, context) => [...(lines ?? (await linesOf(context).load(order)))],
    // The history is read after the order: what happened between the two is left for the next reader.
    history: async ({ order, history }, _, context) =>
      (history ?? (await historyOf(context).load(order.id))).filter(({ version }) => version <= order.version),
    story: async ({ order }, _, context) => tellStory(await storyOf(context).load(order.id)),
  };
}

function subscriptionsOf(needs: WatchNeeds): NonNullable<Resolvers['Subscription']> {
  return {
    orderChanged: {
      subscribe: (_, { id, accessToken }, { caller }) =>
        watchOrder(needs, caller, { id, accessToken: accessToken ?? null }),
      resolve: (seen: OrderSeen) => seen,
    },
    staffOrderFeed: { subscribe: () => watchOrders(needs), resolve: (seen: OrderSeen) => seen },
  };
}

const orderFields = {
  id: ({ order }) => order.id,
  version: ({ order }) => order.version,
  number: ({ order }) => invoiceNumber(order.number),
  status: ({ order }) => order.status,
  placedAt: ({ order }) => order.placedAt.toISOString(),
  email: ({ order, contact }) => (contact ? order.email : null),
  shippingAddress: ({ order, contact }) => (contact ? order.shippingAddress : null),
  subtotal: ({ order }) => inCurrencyOf(order, order.subtotalMinor),
  shippingTotal: ({ order }) => inCurrencyOf(order, order.shippingMinor),
  taxTotal: ({ order }) => inCurrencyOf(order, order.taxMinor),
  total: ({ order }) => inCurrencyOf(order, order.totalMinor),
  shippingOptionCode: ({ order }) => order.shippingOptionCode,
  deadlineAt: ({ order }) => order.deadlineAt?.toISOString() ?? null,
  authorizationEndsAt: ({ order }) => order.authorizationEndsAt?.toISOString() ?? null,
  carrier: ({ order }) => order.carrier,
  trackingNumber: ({ order }) => order.trackingNumber,
} satisfies NonNullable<Resolvers['Order']>;

function inCurrencyOf({ currency }: Order, amountMinor: number) {
  return { amountMinor, currency };
}

function cursorOf(node: { readonly order: Order } | undefined): string | null {
  return node === undefined ? null : encodeCursor(node.order.id);
}

/** A payload's two halves; the codes are those of REFUSALS, which a test holds against the schema's enum. */
function refusable<Name extends string, Result>(name: Name, run: () => Promise<Result>) {
  return payloadOf<Name, Result, RefusalCode>(name, run);
}

async function changed(run: () => Promise<ChangedOrder>) {
  let replayed = false;
  const payload = await refusable('order', async () => {
    const result = await run();
    replayed = result.replayed;
    return result.order;
  });
  return { ...payload, replayed };
}
