// What a shopper does, one function an operation. Refusals come back in the payload; a GraphQL error rejects.
import * as documents from './documents.ts';
import type { Cart, Order, OrderStatus, Payload, Quote, ShownProduct } from './shapes.ts';
import type { Visitor } from './visitor.ts';

type Input = object;
type Replayable<Name extends string, Result> = Payload<Name, Result> & { readonly replayed: boolean };
export type PlacedOrder = Replayable<'order', Order> & { readonly accessToken: string | null };

/** Names a cart or an order, with the token that opens it where a guest asks. */
export interface Key {
  readonly id: string;
  readonly accessToken?: string | null | undefined;
}

export type Shopper = ReturnType<typeof shopper>;

export function shopper(visitor: Visitor) {
  const field = async <Result>(name: string, document: string, variables: Input = {}): Promise<Result> =>
    (await visitor.get<Record<string, Result>>(document, variables))[name] as Result;
  const mutate = <Result>(name: string, document: string, input: Input) => field<Result>(name, document, { input });
  return {
    visitor,
    product: (slug: string) => field<ShownProduct | null>('product', documents.PRODUCT, { slug }),
    products: async (first: number) =>
      (await field<{ nodes: readonly ShownProduct[] }>('products', documents.PRODUCTS, { first })).nodes,
    createCart: (input: Input) =>
      mutate<Payload<'cart', Cart> & { readonly accessToken: string | null }>(
        'createCart',
        documents.CREATE_CART,
        input,
      ),
    addCartLine: (input: Input) => mutate<Payload<'cart', Cart>>('addCartLine', documents.ADD_CART_LINE, input),
    updateCartLine: (input: Input) =>
      mutate<Payload<'cart', Cart>>('updateCartLine', documents.UPDATE_CART_LINE, input),
    removeCartLine: (input: Input) =>
      mutate<Payload<'cart', Cart>>('removeCartLine', documents.REMOVE_CART_LINE, input),
    cart: ({ id, accessToken }: Key) => field<Cart | null>('cart', documents.CART, { id, accessToken }),
    quote: (input: Input) => mutate<Quote>('checkoutQuote', documents.CHECKOUT_QUOTE, input),
    placeOrder: (input: Input) => mutate<PlacedOrder>('placeOrder', documents.PLACE_ORDER, input),
    retryPayment: (input: Input) => mutate<Replayable<'order', Order>>('retryPayment', documents.RETRY_PAYMENT, input),
    cancelOrder: (input: Input) => mutate<Replayable<'order', Order>>('cancelOrder', documents.CANCEL_ORDER, input),
    order: ({ id, accessToken }: Key) => field<Order | null>('order', documents.ORDER, { id, accessToken }),
    orderStatus: async ({ id, accessToken }: Key) =>
      (await field<{ status: OrderStatus } | null>('order', documents.ORDER_STATUS, { id, accessToken }))?.status,
    account: () =>
      field<{
        id: string;
        email: string;
        displayName: string | null;
        orders: { nodes: readonly Order[] };
        cart: Cart | null;
      } | null>('me', documents.ACCOUNT),
  };
}
