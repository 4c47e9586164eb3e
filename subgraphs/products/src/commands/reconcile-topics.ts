/** What the topics of products and of stock must end with, for each key: our newest version. */
import { appendEvents, type StateTable, TOPICS, type TopicTruth, tableVersions, tableVersionsOf } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { type Database, inTransaction } from '../store/index.ts';
import { lockProducts } from '../store/products.ts';
import { lockLevels, stockChanged } from '../store/stock.ts';
import { productChanged } from './change-product.ts';

const PRODUCTS: StateTable = { topic: TOPICS.product, table: 'product', key: 'id', keyType: 'uuid' };
const STOCK: StateTable = { topic: TOPICS.stock, table: 'stock', key: 'variant_id', keyType: 'uuid' };

/** Locked while they are told again: a change that comes after is told after. */
export function topicTruths(database: Database): TopicTruth[] {
  const trace = () => ({ correlationId: newId(), causationId: null });
  return [
    {
      topic: PRODUCTS.topic,
      versions: () => tableVersions(database, PRODUCTS),
      versionsOf: (keys) => tableVersionsOf(database, PRODUCTS, keys),
      announce: (keys) =>
        inTransaction(database, async (tx) => {
          const products = await lockProducts(tx, keys);
          await appendEvents(
            tx,
            products.map((product) => productChanged(product, trace())),
          );
          return products.length;
        }),
    },
    {
      topic: STOCK.topic,
      versions: () => tableVersions(database, STOCK),
      versionsOf: (keys) => tableVersionsOf(database, STOCK, keys),
      announce: (keys) =>
        inTransaction(database, async (tx) => {
          const levels = await lockLevels(tx, keys);
          await appendEvents(tx, stockChanged(levels, trace()));
          return levels.length;
        }),
    },
  ];
}
