// `npm run bench:pages [-- --running] [--seconds N]`: what a page and a search cost, and how soon a change is seen. See README.md.
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readOperations } from '@ebuy/schema';
import { splitOperations } from '@ebuy/schema/operations';
import { merchandiser } from '@ebuy/tools/demo/staff.ts';
import { signIn, type Visitor, visit } from '@ebuy/tools/demo/visitor.ts';
import { ACCOUNTS } from '@ebuy/tools/shop/accounts.ts';
import { print } from 'graphql';
import { cpuBetween, readCpu, sumOf } from './cpu.ts';
import { percentile } from './level.ts';
import { measureRouter } from './peers.ts';
import { type MeasuredShop, runBench, say } from './shop.ts';
import { measureSight } from './sight.ts';

/** Asked by so many at a time. */
const VISITORS = 8;
const WARM_UP_MS = 6_000;
const PEER_MS = 4_000;
const CHANGES = 100;
/** CPU milliseconds of Vendure 3.7.3 on this kind of machine, for the same page and the same search. */
const VENDURE_MS: Readonly<Record<string, number>> = { ProductPage: 36, Search: 177 };

const { values } = parseArgs({
  options: { running: { type: 'boolean', default: false }, seconds: { type: 'string', default: '8' } },
});
const questionMs = Number(values.seconds) * 1_000;
const documents = new Map(
  splitOperations('storefront', readOperations('storefront')).map(({ name, document }) => [name, print(document)]),
);

interface Question {
  readonly name: string;
  readonly variables: (turn: number) => object;
}

interface Cost {
  readonly aSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMs: ReadonlyMap<string, number>;
}

/** Slugs and words of the catalogue, so that no two turns ask the same. */
async function readCatalogue(visitor: Visitor): Promise<{ slugs: string[]; words: string[]; collections: string[] }> {
  const { products, collections } = await visitor.get<{
    products: { nodes: { slug: string; title: string }[] };
    collections: { nodes: { slug: string }[] };
  }>('{ products(first: 100) { nodes { slug title } } collections(first: 50) { nodes { slug } } }');
  return {
    slugs: products.nodes.map(({ slug }) => slug),
    words: [...new Set(products.nodes.flatMap(({ title }) => title.split(/\W+/)).filter((word) => word.length > 3))],
    collections: collections.nodes.map(({ slug }) => slug),
  };
}

async function ask(visitor: Visitor, { name, variables }: Question, forMs: number, launcherPid: number): Promise<Cost> {
  const document = documents.get(name);
  if (document === undefined) throw new Error(`The storefront sends no ${name}`);
  const durations: number[] = [];
  const before = readCpu(launcherPid);
  const startedAt = performance.now();
  let turn = 0;
  const lane = async () => {
    while (performance.now() - startedAt < forMs) {
      const from = performance.now();
      turn += 1;
      await visitor.get(document, variables(turn));
      durations.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: VISITORS }, lane));
  const elapsedMs = performance.now() - startedAt;
  const cpu = cpuBetween(before, readCpu(launcherPid));
  return {
    aSecond: (durations.length / elapsedMs) * 1_000,
    p50Ms: percentile(durations, 0.5),
    p99Ms: percentile(durations, 0.99),
    cpuMs: new Map([...cpu].map(([name, ms]) => [name, ms / durations.length])),
  };
}

async function bench({ file }: MeasuredShop): Promise<boolean> {
  const guest = visit(file.urls.graph);
  const staff = merchandiser(visit(file.urls.graph, await signIn(file.urls.keycloak, ACCOUNTS.merchandiser)));
  const { slugs, words, collections } = await readCatalogue(guest);
  if (slugs.length < 50) throw new Error('There is too little in this shop to be measured: npm run seed');
  const pick = (list: readonly string[], turn: number): string => list[(turn * 7) % list.length] ?? '';
  const questions: Question[] = [
    { name: 'ProductPage', variables: (turn) => ({ slug: pick(slugs, turn) }) },
    {
      name: 'Search',
      variables: (turn) => ({
        query: pick(words, turn),
        filters: [{ field: 'availability', values: ['IN_STOCK', 'LOW_STOCK'] }],
        first: 24,
      }),
    },
    { name: 'Suggest', variables: (turn) => ({ prefix: pick(words, turn).slice(0, 3) }) },
    { name: 'CollectionPage', variables: (turn) => ({ slug: pick(collections, turn), first: 24 }) },
    { name: 'Home', variables: () => ({}) },
  ];
  say('warming up');
  for (const question of questions) await ask(guest, question, WARM_UP_MS, file.pid);
  say('the shop at rest, and an empty question');
  await sleep(2_000);
  const before = readCpu(file.pid);
  await sleep(5_000);
  const idleMs = sumOf(cpuBetween(before, readCpu(file.pid))) / 5;
  const router = await measureRouter(guest, file.pid, PEER_MS);
  console.log(`\n${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${VISITORS} at a time, nothing cached`);
  console.log(
    `  { __typename } ${router.cpuMs.toFixed(2)} ms CPU; the shop at rest ${idleMs.toFixed(0)} ms CPU a second\n`,
  );
  for (const question of questions) {
    const cost = await ask(guest, question, questionMs, file.pid);
    report(question.name, cost, router.cpuMs);
  }
  say('how soon a change is seen');
  const sight = await measureSight(guest, staff, CHANGES);
  for (const [where, ms] of Object.entries(sight)) {
    console.log(
      `  seen in ${where.padEnd(8)} p50 ${percentile(ms, 0.5).toFixed(0)} ms, p99 ${percentile(ms, 0.99).toFixed(0)} ms (${ms.length} changes)`,
    );
  }
  return true;
}

function report(name: string, { aSecond, p50Ms, p99Ms, cpuMs }: Cost, peerMs: number): void {
  const total = sumOf(cpuMs);
  const parts = [...cpuMs].filter(([, ms]) => ms >= 0.05).sort(([, a], [, b]) => b - a);
  const vendure = VENDURE_MS[name];
  const against = vendure === undefined ? '' : `, 1/${(vendure / total).toFixed(1)} of Vendure's ${vendure} ms`;
  console.log(
    `  ${name.padEnd(15)} ${total.toFixed(2)} ms CPU (${(total / peerMs).toFixed(1)} × { __typename }${against}), ${aSecond.toFixed(0)} a second, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
  );
  console.log(`  ${''.padEnd(15)} ${parts.map(([part, ms]) => `${part} ${ms.toFixed(2)}`).join(' · ')}`);
}

await runBench(bench, { ...values, seeded: true });
