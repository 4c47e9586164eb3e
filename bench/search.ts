// `npm run bench:search [-- --products N]`: what a search costs at 10,000 products beside the raw request, and how soon a change is found. See README.md.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  createKafka,
  createProducer,
  type DomainEvent,
  encodeEvent,
  ensureTopics,
  TOPICS,
  topicName,
} from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { ANONYMOUS, createGraphClient, createLogger } from '@ebuy/runtime';
import { statOf } from '@ebuy/tools/demo/processes.ts';
import { ROOT, STATE_DIR } from '@ebuy/tools/repo/paths.ts';
import { readShopFile } from '@ebuy/tools/shop/shop-file.ts';
import { percentile } from './level.ts';
import { FILTERS, inventedProduct, QUERIES, rawSearch, SEARCH, WORDS } from './search-fixtures.ts';

const PORT = 24_904;
const SECONDS = 15;
const VISITORS = 4;
const CHANGES = 120;
const BATCH = 200;
const { values } = parseArgs({ options: { products: { type: 'string', default: '10000' } } });
const products = Number(values.products);

/** Of the shop that runs here, or of the tests. */
async function engines(): Promise<{ opensearch: string; kafka: string; pid: number | null }> {
  const file = process.env.EBUY_TEST_ENGINES;
  if (file) {
    const { opensearch, kafka, pids } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string> & {
      pids?: Record<string, number>;
    };
    return { opensearch: opensearch ?? '', kafka: kafka ?? '', pid: pids?.opensearch ?? null };
  }
  const running = (await readShopFile(STATE_DIR))?.engines ?? [];
  const of = (name: string) => running.find((engine) => engine.name === name);
  if (!of('opensearch')) throw new Error('No shop runs here: npm start, or npm run engines and EBUY_TEST_ENGINES.');
  return { opensearch: of('opensearch')?.url ?? '', kafka: of('kafka')?.url ?? '', pid: of('opensearch')?.pid ?? null };
}

const { opensearch, kafka: brokers, pid: enginePid } = await engines();
const namespace = `bench-${randomBytes(4).toString('hex')}.`;
const key = randomBytes(32).toString('base64url');
const kafka = { brokers: brokers.split(','), clientId: 'bench', namespace, logger: createLogger('bench', 'silent') };
const client = createGraphClient({
  from: 'router',
  to: 'search',
  url: `http://127.0.0.1:${PORT}/graphql`,
  keys: { search: key },
  deadlineMs: 10_000,
});
const producer = createProducer(createKafka(kafka));

function startService(): ChildProcess {
  const env = {
    PATH: process.env.PATH,
    PORT: String(PORT),
    ADMIN_PORT: String(PORT + 1),
    LOG_LEVEL: 'warn',
    EBUY_NAMESPACE: namespace,
    KAFKA_BROKERS: brokers,
    OPENSEARCH_URL: opensearch,
    IDENTITY_VERIFY_KEYS: JSON.stringify({ router: key }),
  };
  return spawn(process.execPath, [join(ROOT, 'subgraphs/search/src/main.ts')], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

interface Found {
  readonly searchProducts: { readonly totalCount: number } | null;
}

async function search(variables: Record<string, unknown>): Promise<number> {
  const { result, errors } = await client.ask<Found>({
    query: SEARCH,
    variables,
    caller: ANONYMOUS,
    correlationId: newId(),
  });
  if (!result?.searchProducts) throw new Error(JSON.stringify(errors));
  return result.searchProducts.totalCount;
}

async function raw(body: object): Promise<void> {
  const answer = await fetch(`${opensearch}/${namespace}ebuy-products/_search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
  await answer.json();
}

const publish = (events: readonly DomainEvent[]) =>
  producer.send({
    topic: topicName(namespace, TOPICS.catalogProduct),
    messages: events.map((event) => ({ key: event.subject, value: encodeEvent(event) })),
  });

async function until(ready: () => Promise<boolean>, everyMs: number): Promise<void> {
  while (!(await ready().catch(() => false))) await sleep(everyMs);
}

const cpuMs = (pid: number | null | undefined): number => {
  const fields = pid == null ? null : statOf(pid);
  return fields ? (Number(fields[11]) + Number(fields[12])) * 10 : Number.NaN;
};

/** A closed loop of some visitors: their waits, and the CPU of the service and the engine meanwhile. */
async function measure(name: string, service: ChildProcess, ask: (turn: number) => Promise<unknown>) {
  const waits: number[] = [];
  let turn = 0;
  const loop = async (endAt: number, into: number[]) => {
    while (performance.now() < endAt) {
      const from = performance.now();
      turn += 1;
      await ask(turn);
      into.push(performance.now() - from);
    }
  };
  const visitors = (endAt: number, into: number[]) =>
    Promise.all(Array.from({ length: VISITORS }, () => loop(endAt, into)));
  await visitors(performance.now() + 4_000, []);
  const before = [cpuMs(service.pid), cpuMs(enginePid)];
  await visitors(performance.now() + SECONDS * 1_000, waits);
  const after = [cpuMs(service.pid), cpuMs(enginePid)];
  const cost = (index: number) => ((after[index] ?? 0) - (before[index] ?? 0)) / waits.length;
  waits.sort((a, b) => a - b);
  const [p50, p99] = [percentile(waits, 0.5), percentile(waits, 0.99)];
  console.log(
    `${name.padEnd(34)} ${(waits.length / SECONDS).toFixed(0).padStart(5)}/s  p50 ${p50.toFixed(1)} ms  p99 ${p99.toFixed(1)} ms  CPU service ${cost(0).toFixed(2)} ms, engine ${cost(1).toFixed(2)} ms`,
  );
  return { p50, p99 };
}

/** From the event's own time until a search finds it. */
async function sight(): Promise<number[]> {
  const waits: number[] = [];
  for (let change = 0; change < CHANGES; change += 1) {
    const word = `novelty${newId().replaceAll('-', '')}`;
    const event = inventedProduct(change, `${word} ${WORDS[change % WORDS.length]}`);
    const from = Date.now();
    await publish([event]);
    await until(async () => (await search({ query: word, first: 1 })) === 1, 10);
    waits.push(Date.now() - from);
  }
  return waits.sort((a, b) => a - b);
}

await ensureTopics(kafka, { partitions: 6 });
const service = startService();
await producer.connect();
try {
  await until(async () => (await fetch(`http://127.0.0.1:${PORT + 1}/readyz`)).ok, 100);
  const from = performance.now();
  for (let at = 0; at < products; at += BATCH) {
    await publish(Array.from({ length: Math.min(BATCH, products - at) }, (_, index) => inventedProduct(at + index)));
  }
  await until(async () => (await search({ query: '', first: 1 })) === products, 100);
  console.log(`${products} products indexed, ${((products / (performance.now() - from)) * 1_000).toFixed(0)} a second`);
  const variables = (turn: number) => ({
    query: QUERIES[turn % QUERIES.length] ?? '',
    filters: FILTERS[turn % FILTERS.length] ?? [],
    first: 24,
  });
  const whole = await measure('search with facets, service', service, (turn) => search(variables(turn)));
  const engine = await measure('  the same, raw OpenSearch', service, (turn) => raw(rawSearch(variables(turn))));
  console.log(`  ratio p50 ${(whole.p50 / engine.p50).toFixed(2)} ×, p99 ${(whole.p99 / engine.p99).toFixed(2)} ×`);
  const waits = await sight();
  console.log(
    `commit to found, ms: p50 ${percentile(waits, 0.5)}, p99 ${percentile(waits, 0.99)}, most ${waits.at(-1)}`,
  );
} finally {
  service.kill('SIGTERM');
  await Promise.all([producer.disconnect(), client.close()]);
  await fetch(`${opensearch}/${namespace}ebuy-products-1`, { method: 'DELETE' });
  const admin = createKafka(kafka).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: (await admin.listTopics()).filter((topic) => topic.startsWith(namespace)) });
  await admin.disconnect();
}
