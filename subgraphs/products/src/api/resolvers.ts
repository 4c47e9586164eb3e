import { payloadOf } from '@ebuy/runtime';
import { actorOf } from '../commands/actor.ts';
import { adjustStock } from '../commands/adjust-stock.ts';
import { createProduct } from '../commands/create-product.ts';
import { importProducts } from '../commands/import-products.ts';
import { publishProduct } from '../commands/publish-product.ts';
import { repriceVariant } from '../commands/reprice-variant.ts';
import { updateProduct } from '../commands/update-product.ts';
import { withdrawProduct } from '../commands/withdraw-product.ts';
import type { MutationResolvers, QueryResolvers, Resolvers } from '../generated/graphql.ts';
import { createLoaders } from '../queries/loaders.ts';
import { productImport } from '../queries/product-import.ts';
import { purchasableVariants } from '../queries/purchasable-variants.ts';
import { heldReservations, reservationsOfOrders } from '../queries/reservations-of-orders.ts';
import { staffProducts } from '../queries/staff-products.ts';
import { type ProductRefusalCode, refuseQuery } from '../refusals.ts';
import type { Database } from '../store/index.ts';
import { productTypes } from './types.ts';

export function createResolvers(database: Database, runner: { wake(): void }): Resolvers {
  return {
    Query: queries(database),
    Mutation: mutations(database, runner),
    ...productTypes(createLoaders(database)),
  };
}

function queries(database: Database): QueryResolvers {
  return {
    staffProducts: (_, { query = null, status = null, first, after = null }) =>
      staffProducts(database, { query, status, first, after }),
    productImport: (_, { id }) => productImport(database, id),
    purchasableVariants: (_, { ids }, { service }) => {
      if (service === 'router') refuseQuery('FORBIDDEN');
      return purchasableVariants(database, ids);
    },
    reservationsOfOrders: (_, { orderIds }, { service }) => {
      if (service === 'router') refuseQuery('FORBIDDEN');
      return reservationsOfOrders(database, orderIds);
    },
    heldReservations: (_, { after = null }, { service }) => {
      if (service === 'router') refuseQuery('FORBIDDEN');
      return heldReservations(database, after);
    },
  };
}

function mutations(database: Database, runner: { wake(): void }): MutationResolvers {
  return {
    createProduct: (_, { input }, context) =>
      idempotentPayload('product', () => createProduct(database, input, actorOf(context))),
    updateProduct: (_, { input }, context) =>
      payload('product', () => updateProduct(database, input, actorOf(context))),
    publishProduct: (_, { input }, context) =>
      payload('product', () => publishProduct(database, input, actorOf(context))),
    withdrawProduct: (_, { input }, context) =>
      payload('product', () => withdrawProduct(database, input, actorOf(context))),
    repriceVariant: (_, { input }, context) =>
      payload('variant', () => repriceVariant(database, input, actorOf(context))),
    importProducts: (_, { input }, context) =>
      payload('import', () => importProducts(database, input, actorOf(context), runner)),
    adjustStock: (_, { input }, context) =>
      idempotentPayload('variant', () => adjustStock(database, input, actorOf(context))),
  };
}

function payload<Name extends string, Result>(result: Name, run: () => Promise<Result>) {
  return payloadOf<Name, Result, ProductRefusalCode>(result, run);
}

async function idempotentPayload<Name extends string, Result>(
  result: Name,
  run: () => Promise<{ readonly result: Result; readonly replayed: boolean }>,
) {
  let replayed = false;
  const answer = await payload(result, async () => {
    const done = await run();
    replayed = done.replayed;
    return done.result;
  });
  return { ...answer, replayed };
}
