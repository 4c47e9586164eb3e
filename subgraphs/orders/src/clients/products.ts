import { Fault, type Money } from '@ebuy/kernel';
import type { GraphClient, RequestContext } from '@ebuy/runtime';
import { isSoundMoney } from '../domain/checks.ts';

/** What products says of a variant at this moment. */
export interface PurchasableVariant {
  readonly variantId: string;
  readonly productId: string;
  readonly sku: string;
  readonly title: string;
  readonly price: Money;
  /** Units that could be reserved now; the reservation decides. */
  readonly available: number;
  readonly published: boolean;
}

export interface Products {
  /** In one call, whatever the number; those that are not there are missing. Throws a retryable Fault when products cannot say. */
  purchasableVariants(
    ids: readonly string[],
    context: Pick<RequestContext, 'caller' | 'correlationId'>,
  ): Promise<readonly PurchasableVariant[]>;
}

const QUERY = `query VariantsForOrder($ids: [ID!]!) {
  purchasableVariants(ids: $ids) { variantId productId sku title price { amountMinor currency } available published }
}`;

interface Answer {
  readonly purchasableVariants: readonly (PurchasableVariant | null)[] | null;
}

export function productsOf(graph: GraphClient): Products {
  return {
    async purchasableVariants(ids, { caller, correlationId }) {
      const { result, errors } = await graph.ask<Answer>({ query: QUERY, variables: { ids }, caller, correlationId });
      const variants = result?.purchasableVariants;
      if (errors.length > 0 || variants === null || variants === undefined) {
        throw new Fault(`products could not answer: ${errors[0]?.extensions?.code ?? 'no variants'}`, {
          retryable: true,
        });
      }
      const known = variants.filter((variant) => variant !== null);
      if (!known.every((variant) => isSoundMoney(variant.price))) {
        throw new Fault('products named a price that cannot be one', { retryable: false });
      }
      return known;
    },
  };
}
