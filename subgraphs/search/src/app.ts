/**
 * The table of contents, and the only place that wires.
 *
 * Queries    searchProducts, searchSuggestions (api/resolvers.ts)
 * Commands   indexProducts (api/reactions.ts), keepIndex and warmUp (at the start, keepIndex whenever the index is missed), retireVersions (every five minutes),
 *            reindex (src/reindex.ts, a process of its own)
 * Reactions  index-products
 * The rules  relevance/weights.ts, relevance/synonyms.txt, domain/document.ts, domain/filters.ts
 */
import type { App, ServiceTools } from '@ebuy/runtime';
import { readSubgraphSdl } from '@ebuy/schema';
import { indexCatalog } from './api/reactions.ts';
import { createResolvers } from './api/resolvers.ts';
import { keepIndex } from './commands/keep-index.ts';
import { retireVersions } from './commands/retire-versions.ts';
import { warmUp } from './commands/warm-up.ts';
import type { Settings } from './config.ts';
import { cursors } from './queries/cursor.ts';
import { openEngine } from './store/engine.ts';
import { indexNames } from './store/names.ts';
import { pointsInTime } from './store/points-in-time.ts';
import { indexReader } from './store/reader.ts';
import { IndexVersions } from './store/versions.ts';
import { documentWriter } from './store/writer.ts';

const FIVE_MINUTES_MS = 300_000;

export function createApp(settings: Settings, { logger, kafka }: ServiceTools): App {
  const { currency, namespace } = settings;
  const engine = openEngine(settings.opensearchUrl);
  const names = indexNames(namespace);
  const versions = new IndexVersions(engine, names, currency, logger);
  const onMissing = () => keeper.look();
  const writer = documentWriter(engine, names, onMissing);
  const reader = indexReader(engine, names, onMissing);
  const needs = { reader, points: pointsInTime(reader), cursors: cursors(settings.identityVerifyKeys) };
  const keeper = keepIndex({ versions, writer, currency, kafka, logger, warmUp: (signal) => warmUp(needs, signal) });
  return {
    typeDefs: readSubgraphSdl('search'),
    resolvers: createResolvers(needs),
    reactions: [indexCatalog({ writer, currency })],
    sweeps: [
      { name: 'retire-index-versions', everyMs: FIVE_MINUTES_MS, run: () => retireVersions(versions, new Date()) },
    ],
    relay: () => {
      keeper.look();
      return keeper;
    },
    checks: {
      opensearch: () => engine.ask({ method: 'GET', path: '/_cluster/health', probe: true }),
      index: () => keeper.ready(),
    },
    isTransient: () => false,
    close: () => engine.close(),
  };
}
