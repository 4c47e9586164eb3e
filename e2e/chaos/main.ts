// `npm run chaos -- [--runs N] [--seed N] [--replicas 1|2|both] [--run SEED] [--keep]`: seeded runs of order traffic with kills. See README.md.
import { spawnSync } from 'node:child_process';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { onEnd } from '@ebuy/tools/repo/parent.ts';
import { ROOT, STATE_DIR } from '@ebuy/tools/repo/paths.ts';
import { writeJson } from '@ebuy/tools/repo/write-json.ts';
import { lineOf, pageOf } from './report.ts';
import { type Run, type RunResult, runOnce } from './run.ts';
import { type Schedule, scheduleOf } from './schedule.ts';
import { type ChaosShop, startChaosShop } from './shop.ts';

const HELP = `npm run chaos -- [--runs N] [--seed N] [--replicas 1|2|both] [--run SEED] [--data DIR] [--keep] [--results FILE] [--report FILE]
  --runs      how many (200); with both, half of them with one replica of every service, half with two
  --seed      the first seed (1); the others follow it
  --run       this seed alone, again
  --replicas  1, 2 or both (both)
  --data      where its shop lives (.ebuy/chaos); it is emptied first, and removed unless a run failed
  --keep      leave the shop's data even when all went well
  --results   a file that each run's figures are added to, and which the report is made of; further ones are only read
  --report    a Markdown file to write
It ends by itself: a run that has not come to rest after eight minutes has failed, and the first failure ends it.`;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    run: { type: 'string' },
    replicas: { type: 'string', default: 'both' },
    data: { type: 'string', default: join(STATE_DIR, 'chaos') },
    keep: { type: 'boolean', default: false },
    results: { type: 'string', multiple: true, default: [] },
    report: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const runs = values.run === undefined ? Number(values.runs) : 1;
const firstSeed = Number(values.run ?? values.seed);
const isKnown = ['1', '2', 'both'].includes(values.replicas) && Number.isInteger(runs) && Number.isInteger(firstSeed);
if (values.help || !isKnown) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}
const dataDir = resolve(values.data);
const resultFiles = values.results.map((file) => resolve(file));
const code = commitOf();
const since = new Date();

const say = (text: string) => console.log(`${new Date().toISOString().slice(11, 19)}  ${text}`);

let chaos: ChaosShop | null = null;
onEnd(() => void (chaos?.shop.stop() ?? Promise.resolve()).then(() => process.exit(130)));

/** Returns the seed of the first run that failed. */
async function runAll(replicas: 1 | 2, seeds: readonly number[], results: RunResult[]): Promise<number | null> {
  if (seeds.length === 0) return null;
  say(`starting a shop with ${replicas === 1 ? 'one replica' : 'two replicas'} of every service in ${dataDir}`);
  chaos = await startChaosShop(dataDir, replicas, () => undefined);
  try {
    for (const seed of seeds) {
      const schedule = scheduleOf(seed, replicas);
      const run = await runOnce(chaos, schedule, code);
      results.push(run.result);
      say(lineOf(run.result));
      const [file] = resultFiles;
      if (file !== undefined) await appendFile(file, `${JSON.stringify(run.result)}\n`);
      if (run.result.violations.length === 0) continue;
      await keepEvidence(schedule, run);
      return seed;
    }
    return null;
  } finally {
    await chaos.shop.stop();
    chaos = null;
  }
}

async function keepEvidence(schedule: Schedule, { result, entries, judgements }: Run): Promise<void> {
  const folder = join(dataDir, 'evidence');
  const told = entries.map(({ key, input, placed, seen, promised }) => ({ key, input, placed, seen, promised }));
  await writeJson(join(folder, 'schedule.json'), schedule);
  await writeJson(join(folder, 'result.json'), result);
  await writeJson(join(folder, 'journal.json'), told);
  await writeJson(join(folder, 'verify.json'), judgements);
  for (const violation of result.violations) console.error(`  ${violation}`);
  console.error(`  The evidence is in ${folder}, the logs in ${join(dataDir, 'logs')}.`);
  console.error(`  Again: npm run chaos -- --run ${schedule.seed} --replicas ${schedule.replicas}`);
}

/** What runs here. Without git nobody knows. */
function commitOf(): string {
  const { stdout } = spawnSync('git', ['-c', 'safe.directory=*', 'describe', '--always', '--dirty'], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 10_000,
  });
  return stdout?.trim() || 'unknown';
}

async function readResults(): Promise<RunResult[]> {
  const texts = await Promise.all(resultFiles.map((file) => readFile(file, 'utf8').catch(() => '')));
  const lines = texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
  return lines.map((line) => JSON.parse(line) as RunResult);
}

const seedsFrom = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);
const half = Math.ceil(runs / 2);
const wanted: readonly [1 | 2, readonly number[]][] =
  values.replicas === 'both'
    ? [
        [1, seedsFrom(firstSeed, half)],
        [2, seedsFrom(firstSeed + (values.run === undefined ? half : 0), values.run === undefined ? runs - half : 1)],
      ]
    : [[Number(values.replicas) as 1 | 2, seedsFrom(firstSeed, runs)]];

const results = await readResults();
let failedSeed: number | null = null;
try {
  for (const [replicas, seeds] of wanted) {
    if (failedSeed === null) failedSeed = await runAll(replicas, seeds, results);
  }
  if (values.report !== undefined) {
    const [cpu] = cpus();
    await mkdir(dirname(resolve(values.report)), { recursive: true });
    await writeFile(
      resolve(values.report),
      pageOf(results, {
        command: `npm run chaos -- ${process.argv.slice(2).join(' ')}`,
        node: process.versions.node,
        processors: `${cpus().length} × ${cpu?.model ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GB, ${since.toISOString().slice(0, 10)}`,
      }),
    );
    say(`written: ${values.report}`);
  }
  if (failedSeed === null && !values.keep && runs > 0) await rm(dataDir, { recursive: true, force: true });
  process.exitCode = failedSeed === null ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
process.exit();
