/** Filling a lost index, cut off in the middle: by the engine, and by the end of the process. */
import { Fault } from '@ebuy/kernel';
import { createLogger } from '@ebuy/runtime';
import { eventually } from '@ebuy/testing';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type IndexKeeper, keepIndex } from '../src/commands/keep-index.ts';
import { type Engine, openEngine } from '../src/store/engine.ts';
import { IndexVersions } from '../src/store/versions.ts';
import { type DocumentWriter, documentWriter } from '../src/store/writer.ts';
import { documentsOf, openStage, product, type Stage } from './stage.ts';

const logger = createLogger('test', 'silent');
const PRODUCTS = 60;

let stage: Stage;
let engine: Engine;
beforeEach(async () => {
  stage = await openStage();
  await stage.fill(Array.from({ length: PRODUCTS }, (_, index) => product({ title: `Thing ${index}` })));
  await stage.opensearch.client.indices.delete({ index: stage.names.version(1) });
  engine = openEngine(stage.opensearch.url);
});
afterEach(async () => {
  await engine.close();
  await stage.close();
});

/** A replica's keeper; `beforeWrite` comes before each of its writes, with their number. */
function keeper(beforeWrite: (nth: number) => Promise<void> = async () => undefined): IndexKeeper {
  const writer = documentWriter(engine, stage.names, () => undefined);
  let writes = 0;
  const counting: DocumentWriter = {
    ...writer,
    async write(documents) {
      writes += 1;
      await beforeWrite(writes);
      return writer.write(documents);
    },
  };
  const versions = new IndexVersions(engine, stage.names, 'USD', logger);
  return keepIndex({ versions, writer: counting, currency: 'USD', kafka: stage.kafka.settings, logger });
}

const filled = async (one: IndexKeeper) => {
  await eventually(() => one.ready());
  await new IndexVersions(engine, stage.names, 'USD', logger).refresh(stage.names.read);
  expect((await documentsOf(stage)).size).toBe(PRODUCTS);
};

test('the engine away in the middle: the rest follows', async () => {
  const one = keeper(async (nth) => {
    if (nth === 2) throw new Fault('OpenSearch is away', { retryable: true });
  });
  one.look();
  await filled(one);
  await one.stop();
});

test('the process ended in the middle: the next one fills it', async () => {
  const cut = Promise.withResolvers<void>();
  const killed = keeper(async (nth) => {
    if (nth < 2) return;
    cut.resolve();
    throw new Fault('Ended', { retryable: true });
  });
  killed.look();
  await cut.promise;
  await killed.stop();
  const next = keeper();
  next.look();
  await filled(next);
  await next.stop();
});
