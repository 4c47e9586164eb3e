// What staff do, one function an operation. Refusals come back in the payload; a GraphQL error rejects.
import * as documents from './documents.ts';
import type { Order, Payload, StaffProduct, StaffVariant, Stock } from './shapes.ts';
import type { Visitor } from './visitor.ts';

type Input = object;
type Replayable<Name extends string, Result> = Payload<Name, Result> & { readonly replayed: boolean };

export type Merchandiser = ReturnType<typeof merchandiser>;
export type Support = ReturnType<typeof support>;

/** Keeps products, prices and stock. */
export function merchandiser(visitor: Visitor) {
  const mutate = asker(visitor);
  return {
    visitor,
    createProduct: (input: Input) =>
      mutate<Replayable<'product', StaffProduct>>('createProduct', documents.CREATE_PRODUCT, input),
    publishProduct: (input: Input) =>
      mutate<Payload<'product', StaffProduct>>('publishProduct', documents.PUBLISH_PRODUCT, input),
    repriceVariant: (input: Input) =>
      mutate<Payload<'variant', StaffVariant>>('repriceVariant', documents.REPRICE_VARIANT, input),
    adjustStock: (input: Input) =>
      mutate<Replayable<'variant', { id: string; stock: Stock }>>('adjustStock', documents.ADJUST_STOCK, input),
    /** Of the products that match, the first hundred. */
    findProducts: async (query: string) =>
      (
        await visitor.get<{ staffProducts: { nodes: readonly StaffProduct[] } }>(documents.STAFF_PRODUCTS, {
          query,
          first: 100,
        })
      ).staffProducts.nodes,
  };
}

/** Ships, delivers and refunds. */
export function support(visitor: Visitor) {
  const mutate = asker(visitor);
  return {
    visitor,
    shipOrder: (input: Input) => mutate<Replayable<'order', Order>>('shipOrder', documents.SHIP_ORDER, input),
    deliverOrder: (input: Input) => mutate<Replayable<'order', Order>>('deliverOrder', documents.DELIVER_ORDER, input),
    refundOrder: (input: Input) => mutate<Replayable<'order', Order>>('refundOrder', documents.REFUND_ORDER, input),
  };
}

function asker(visitor: Visitor) {
  return async <Result>(name: string, document: string, input: Input): Promise<Result> =>
    (await visitor.get<Record<string, Result>>(document, { input }))[name] as Result;
}
