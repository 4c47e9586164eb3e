/**
 * A new index version with today's mapping, while everything runs:
 *
 * 1. It is made with the write alias on it. Every replica looks at that alias at least once a second and, when a write took longer, again after
 *    the write: what is written from two seconds later on is in both versions.
 * 2. What was written before is copied, each document with its version: what a replica has written meanwhile is newer and stays.
 * 3. Both aliases move to it at once. The old version is marked and removed by the service ten minutes later, when all points in time have ended.
 *
 * Killed at any moment it may be run again: it removes what an unfinished run left.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type KafkaSettings, readTopic, TOPICS } from '@ebuy/events';
import type { Logger } from '@ebuy/runtime';
import { type CatalogProduct, indexDocumentOf } from '../domain/document.ts';
import { copyDocuments } from '../store/copy.ts';
import type { Engine } from '../store/engine.ts';
import type { IndexVersion, IndexVersions } from '../store/versions.ts';
import { type DocumentWriter, TARGETS_FRESH_MS } from '../store/writer.ts';

const SETTLE_MS = 2 * TARGETS_FRESH_MS;
const CREATION_TRIES = 5;

export interface ReindexNeeds {
  readonly engine: Engine;
  readonly versions: IndexVersions;
  readonly writer: DocumentWriter;
  readonly kafka: KafkaSettings;
  readonly currency: string;
  readonly logger: Logger;
  readonly now: () => Date;
}

export interface Reindexed {
  readonly from: string;
  readonly to: string;
  readonly source: 'index' | 'topic';
  /** Withdrawn ones included. */
  readonly documents: number;
  readonly tookMs: number;
}

/** From the old index, unless the topic is asked for or the old documents are of another shape or currency, or not all there. */
export async function reindex(needs: ReindexNeeds, { fromTopic = false } = {}): Promise<Reindexed> {
  const { versions, logger, now } = needs;
  const startedAt = performance.now();
  const old = await versions.ensure();
  await removeUnfinished(versions, logger);
  const made = await createNext(versions);
  await sleep(SETTLE_MS);
  const { documentShape, currency, filledAt } = old.meta;
  const isOtherwise = documentShape !== versions.meta.documentShape || currency !== needs.currency;
  const source = fromTopic || isOtherwise || filledAt === undefined ? 'topic' : 'index';
  if (source === 'topic') await fillFromTopic(needs, made);
  else await copyDocuments(needs.engine, old.index, made.index, logger);
  await versions.refresh(made.index);
  const documents = await versions.count(made.index);
  await versions.note(made.index, { filledAt: now().toISOString() });
  await versions.swap([old, { ...made, isRead: false, isWritten: false }], made.index);
  await versions.note(old.index, { retiredAt: now().toISOString() });
  const tookMs = Math.round(performance.now() - startedAt);
  logger.info({ from: old.index, to: made.index, source, documents, tookMs }, 'reindexed');
  return { from: old.index, to: made.index, source, documents, tookMs };
}

/** What is written to and not searched is what a run left that did not come to its end (or one that still runs: it will fail, nothing is lost). */
async function removeUnfinished(versions: IndexVersions, logger: Logger): Promise<void> {
  for (const { index, isRead, isWritten } of await versions.list()) {
    if (isRead || !isWritten) continue;
    logger.warn({ index }, 'an unfinished reindex left this; it is removed');
    await versions.remove(index);
  }
}

async function createNext(versions: IndexVersions): Promise<IndexVersion> {
  for (let tries = 0; tries < CREATION_TRIES; tries += 1) {
    const number = ((await versions.list()).at(-1)?.number ?? 0) + 1;
    const made = await versions.create(number, [versions.names.write]);
    if (made) return made;
  }
  throw new Error('Others make index versions at the same time. Run one reindex at a time.');
}

async function fillFromTopic(
  { writer, kafka, currency, logger }: ReindexNeeds,
  { index }: IndexVersion,
): Promise<void> {
  const read = await readTopic(kafka, TOPICS.catalogProduct, (events) =>
    writer.writeTo(
      index,
      events.map(({ payload }) => indexDocumentOf(payload as CatalogProduct, currency)),
    ),
  );
  logger.info({ index, ...read }, 'filled from the topic');
}
