/** What cart asks of products: offers, in one call a request, whatever the number of variants. */
import { Fault } from '@ebuy/kernel';
import { type GraphClient, perRequest, type RequestContext } from '@ebuy/runtime';
import DataLoader from 'dataloader';
import { z } from 'zod';
import type { Offer } from '../domain/prices.ts';

/** As many as products takes. */
const BATCH = 100;

const QUERY = `query OffersForCart($ids: [ID!]!) {
  purchasableVariants(ids: $ids) { variantId price { amountMinor currency } available published }
}`;

const answer = z.object({
  purchasableVariants: z
    .array(
      z
        .object({
          variantId: z.string(),
          price: z.object({
            amountMinor: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
            currency: z.string().regex(/^[A-Z]{3}$/),
          }),
          available: z.number().int(),
          published: z.boolean(),
        })
        .nullable(),
    )
    .max(BATCH),
});

export interface Offers {
  /** Those on sale; one that is missing is not. Throws a retryable Fault when products cannot say. */
  require(ids: readonly string[], context: RequestContext): Promise<ReadonlyMap<string, Offer>>;
  /** Undefined: not on sale, or products cannot say. */
  find(id: string, context: RequestContext): Promise<Offer | undefined>;
}

export function offersOf(graph: GraphClient): Offers {
  const offers = perRequest(
    (context) => new DataLoader<string, Offer | undefined>((ids) => ask(graph, ids, context), { maxBatchSize: BATCH }),
  );
  return {
    async require(ids, context) {
      const found = await Promise.all(ids.map((id) => offers(context).load(id)));
      return new Map(found.filter((offer) => offer !== undefined).map((offer) => [offer.variantId, offer]));
    },
    find: (id, context) =>
      offers(context)
        .load(id)
        .catch(() => undefined),
  };
}

async function ask(graph: GraphClient, ids: readonly string[], context: RequestContext) {
  const { caller, correlationId, logger } = context;
  try {
    const { result, errors } = await graph.ask({ query: QUERY, variables: { ids }, caller, correlationId });
    const read = answer.safeParse(result);
    if (!read.success) {
      const why = errors[0]?.extensions?.code ?? z.prettifyError(read.error);
      throw new Fault(`products answered without offers: ${why}`, { retryable: true });
    }
    const onSale = read.data.purchasableVariants.filter((offer) => offer?.published === true);
    const byId = new Map(onSale.map((offer) => [offer?.variantId, offer]));
    return ids.map((id) => byId.get(id) ?? undefined);
  } catch (error) {
    logger.warn({ err: error, correlationId, variants: ids.length }, 'products could not be asked for offers');
    throw error;
  }
}
