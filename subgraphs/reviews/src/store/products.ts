import { committing } from '@ebuy/events';
import { faulting } from '@ebuy/runtime';
import type { Models } from './documents.ts';
import { inserted } from './inserted.ts';

/** Which products there are to be reviewed. */
export interface Products {
  isOnSale(productId: string): Promise<boolean>;
  /** Never an older version over a newer one. */
  keep(product: { readonly productId: string; readonly version: number; readonly onSale: boolean }): Promise<void>;
}

export function productsIn({ products }: Pick<Models, 'products'>): Products {
  return {
    isOnSale: (productId) =>
      faulting(async () => (await products.findOne({ _id: productId }, { onSale: 1 }).lean())?.onSale === true),
    keep: ({ productId, version, onSale }) =>
      faulting(async () => {
        const fields = { version, onSale };
        const older = { _id: productId, version: { $lt: version } };
        const { matchedCount } = await committing(() => products.updateOne(older, { $set: fields }));
        if (matchedCount === 1) return;
        // Not there, there in this version or a newer one, or just made by another.
        if (await inserted(() => products.collection.insertOne({ _id: productId, ...fields } as never))) return;
        await products.updateOne(older, { $set: fields });
      }),
  };
}
