import { Fault } from '@ebuy/kernel';
import type { GraphClient, RequestContext } from '@ebuy/runtime';

export interface CartLine {
  readonly variantId: string;
  readonly quantity: number;
}

export interface Cart {
  readonly id: string;
  /** Null while it is open: in an empty cart. */
  readonly currency: string | null;
  readonly lines: readonly CartLine[];
}

/** What orders asks of cart, for the caller: whose cart it is, or whether the token opens it, is cart's to say. */
export interface Carts {
  /** Null: there is none, or it is not the caller's. Throws a retryable Fault when cart cannot say. */
  read(
    cart: { readonly id: string; readonly accessToken: string | null },
    context: Pick<RequestContext, 'caller' | 'correlationId'>,
  ): Promise<Cart | null>;
}

const QUERY = `query CartForOrder($id: ID!, $accessToken: String) {
  cart(id: $id, accessToken: $accessToken) { id currency lines { quantity variant { id } } }
}`;

interface Answer {
  readonly cart: {
    readonly id: string;
    readonly currency: string | null;
    readonly lines: readonly { readonly quantity: number; readonly variant: { readonly id: string } | null }[];
  } | null;
}

const NOT_THEIRS = 'NOT_FOUND';

export function cartsOf(graph: GraphClient): Carts {
  return {
    async read({ id, accessToken }, { caller, correlationId }) {
      const { result, errors } = await graph.ask<Answer>({
        query: QUERY,
        variables: { id, accessToken },
        caller,
        correlationId,
      });
      if (errors.length > 0 && !errors.every((error) => error.extensions?.code === NOT_THEIRS)) {
        throw new Fault(`cart could not answer: ${errors[0]?.extensions?.code ?? 'no code'}`, { retryable: true });
      }
      const cart = result?.cart;
      if (cart === null || cart === undefined) return null;
      return {
        id: cart.id,
        currency: cart.currency,
        lines: cart.lines.map(({ quantity, variant }) => {
          if (variant === null) throw new Fault('cart has a line without a variant', { retryable: false });
          return { quantity, variantId: variant.id };
        }),
      };
    },
  };
}
