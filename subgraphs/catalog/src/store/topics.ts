/**
 * The sources' topics, read from their beginning and folded in memory by the same rules as the live documents are, and further on for as
 * long as it is open. In a consumer group of its own that nobody else knows and that goes with it.
 */
import {
  createKafka,
  type DomainEvent,
  decodeEvent,
  type KafkaSettings,
  TOPICS,
  topicName,
  UnreadableEvent,
} from '@ebuy/events';
import { Fault, newId } from '@ebuy/kernel';
import { blankProduct, type CatalogProduct, foldProduct, foldRating, foldStock } from '../domain/catalog-product.ts';

const SOURCES = [TOPICS.product, TOPICS.stock, TOPICS.rating] as const;
/** Without anything new for this long, it is given up. */
const STALLED_MS = 60_000;
const LOOK_EVERY_MS = 20;

export interface SourceTopics {
  /** What all events up to now make of each product; without places in collections, related products, revisions and versions. */
  readonly products: ReadonlyMap<string, CatalogProduct>;
  /** Events read, and those among them that could not be. */
  readonly counts: { readonly read: number; readonly unreadable: number };
  /** Resolves once everything is folded that was on the topics when this was called. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

/** Everything that was read so far. */
class Fold {
  readonly products = new Map<string, CatalogProduct>();
  readonly counts = { read: 0, unreadable: 0 };
  /** The next offset of each `topic/partition`. */
  readonly #positions = new Map<string, number>();
  movedAt = performance.now();

  add(text: string | undefined): void {
    this.counts.read += 1;
    if (text === undefined) return;
    try {
      foldInto(this.products, decodeEvent(text));
    } catch (error) {
      // The reactions put the same aside as dead letters.
      if (!(error instanceof UnreadableEvent) && !(error instanceof RangeError)) throw error;
      this.counts.unreadable += 1;
    }
  }

  moveTo(partition: string, offset: number): void {
    this.#positions.set(partition, offset);
    this.movedAt = performance.now();
  }

  isAt(ends: ReadonlyMap<string, number>): boolean {
    return [...ends].every(([partition, end]) => (this.#positions.get(partition) ?? 0) >= end);
  }
}

export async function openSourceTopics(settings: KafkaSettings): Promise<SourceTopics> {
  const kafka = createKafka(settings);
  const groupId = `${settings.namespace}catalog.rebuild-${newId()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 200, allowAutoTopicCreation: false });
  const admin = kafka.admin();
  const topics = SOURCES.map((source) => topicName(settings.namespace, source));
  const fold = new Fold();
  let failure: unknown;
  const close = async () => {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => undefined);
    await admin.disconnect();
  };
  try {
    await Promise.all([admin.connect(), consumer.connect()]);
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      failure = payload.error;
    });
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
        for (const { value } of batch.messages) fold.add(value?.toString());
        resolveOffset(batch.lastOffset());
        fold.moveTo(`${batch.topic}/${batch.partition}`, Number(batch.lastOffset()) + 1);
        await heartbeat();
      },
    });
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
  return {
    products: fold.products,
    counts: fold.counts,
    close,
    async caughtUp() {
      const ends = await endsOf(admin, topics);
      fold.movedAt = performance.now();
      while (!fold.isAt(ends)) {
        if (failure !== undefined) throw new Fault('The topics could not be read', { cause: failure, retryable: true });
        if (performance.now() - fold.movedAt > STALLED_MS) {
          throw new Fault(`Kafka gave nothing for ${STALLED_MS / 1_000} s`, { retryable: true });
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    },
  };
}

/** Of each partition that has something. */
async function endsOf(
  admin: { fetchTopicOffsets(topic: string): Promise<{ partition: number; low: string; high: string }[]> },
  topics: readonly string[],
): Promise<Map<string, number>> {
  const ends = new Map<string, number>();
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      if (Number(high) > Number(low)) ends.set(`${topic}/${partition}`, Number(high));
    }
  }
  return ends;
}

function foldInto(products: Map<string, CatalogProduct>, event: DomainEvent): void {
  const id = (event.payload as { productId: string }).productId;
  const current = products.get(id) ?? blankProduct(id);
  const folded = foldEvent(current, event);
  // From the newest alone: what was compacted away is missed by nobody.
  products.set(id, { ...folded, sources: { ...folded.sources, missed: [] } });
}

function foldEvent(current: CatalogProduct, event: DomainEvent): CatalogProduct {
  switch (event.type) {
    case 'product.changed':
    case 'product.withdrawn':
      return foldProduct(current, (event as DomainEvent<'product.changed'>).payload);
    case 'stock.changed':
      return foldStock(current, (event as DomainEvent<'stock.changed'>).payload);
    case 'rating.changed':
      return foldRating(current, (event as DomainEvent<'rating.changed'>).payload);
    default:
      return current;
  }
}
