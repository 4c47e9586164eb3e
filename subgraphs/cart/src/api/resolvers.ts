/** GraphQL in: reads arguments, calls a command or a query, shows the answer. */
import { payloadOf } from '@ebuy/runtime';
import { addCartLine } from '../commands/add-cart-line.ts';
import type { CartNeeds } from '../commands/change-cart.ts';
import { createCart } from '../commands/create-cart.ts';
import { mergeCart } from '../commands/merge-cart.ts';
import { removeCartLine } from '../commands/remove-cart-line.ts';
import { updateCartLine } from '../commands/update-cart-line.ts';
import type { Cart } from '../domain/cart.ts';
import type { Resolvers } from '../generated/graphql.ts';
import { findCart, findCartOfUser } from '../queries/find-cart.ts';
import { linePrice, lineTotal, subtotal } from '../queries/prices.ts';
import type { RefusalCode } from '../refusals.ts';

/** A user as this subgraph knows one. @public Named by codegen.json. */
export interface UserReference {
  readonly id: string;
}

export function createResolvers(needs: CartNeeds): Resolvers {
  const { offers } = needs;
  return {
    Query: {
      me: (_, __, { caller }) => (caller.kind === 'user' && caller.id !== null ? { id: caller.id } : null),
      cart: (_, { id, accessToken }, context) => findCart(needs, context, { cartId: id, accessToken }),
    },
    Mutation: {
      createCart: async (_, { input }, context) => {
        let accessToken: string | null = null;
        const payload = await changed(async () => {
          const created = await createCart(needs, context, input);
          accessToken = created.accessToken;
          return created.cart;
        });
        return { ...payload, accessToken };
      },
      addCartLine: (_, { input }, context) => changed(() => addCartLine(needs, context, input)),
      updateCartLine: (_, { input }, context) => changed(() => updateCartLine(needs, context, input)),
      removeCartLine: (_, { input }, context) => changed(() => removeCartLine(needs, context, input)),
      mergeCart: (_, { input }, context) => changed(() => mergeCart(needs, context, input)),
    },
    User: {
      __resolveReference: ({ id }) => ({ id }),
      cart: ({ id }, _, context) => findCartOfUser(needs, context, id),
    },
    Cart: {
      lines: ({ lines }) => [...lines],
      subtotal: (cart, _, context) => subtotal(offers, context, cart),
    },
    CartLine: {
      unitPrice: async (line, _, context) => (await linePrice(offers, context, line)).unitPrice,
      lineTotal: (line, _, context) => lineTotal(offers, context, line),
      priceIsCurrent: async (line, _, context) => (await linePrice(offers, context, line)).isCurrent,
      variant: ({ variantId }) => ({ id: variantId }),
    },
  };
}

/** A payload; the codes are those of REFUSALS, which a test holds against the schema's enum. */
function changed(run: () => Promise<Cart>) {
  return payloadOf<'cart', Cart, RefusalCode>('cart', run);
}
