// `npm run bench:router`: our router beside its peers, in one run, over the same subgraphs. How it is measured stands in ../README.md.
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { onEnd } from '@ebuy/tools/repo/parent.ts';
import { say } from '../shop.ts';
import { type Compared, collectAnswers, compareAnswers, refuseErrors } from './answers.ts';
import { listGateways } from './gateways/list.ts';
import { installPeers } from './gateways/peers.ts';
import { PLACE, SUPERGRAPH_PATH, shareProcessors } from './gateways/place.ts';
import { type RunningGateway, runGateway } from './gateways/run.ts';
import { bodyOf, QUESTIONS, type Question } from './graph/queries.ts';
import { composeAt } from './graph/schema.ts';
import { type Beside, startBeside } from './load/beside.ts';
import { type LoadKind, measure } from './measure.ts';
import { profileOurs } from './profile.ts';
import { type Row, reportAnswers, reportFailures, reportGoals, reportLoad } from './report.ts';

const PEERS = ['apollo', 'hive', 'hive-rust', 'native'];
const WARM_UP_REQUESTS = 1_500;
const MAX_WARM_UP_SECONDS = 8;
const LOADS: readonly LoadKind[] = ['identical', 'distinct'];

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    peers: { type: 'string', default: PEERS.join(',') },
    connections: { type: 'string', default: '32' },
    cores: { type: 'string', default: `1,${cpus().length}` },
    before: { type: 'string' },
    execute: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
});
const forMs = Number(values.seconds) * 1_000;
const rounds = Number(values.rounds);
const connections = Number(values.connections);
const peers = values.peers.split(',');
const coreCounts = values.cores.split(',').map(Number);
const running: RunningGateway[] = [];
let beside: Beside | null = null;
/** Those that did not start: the others are measured, and the exit code is 1. */
let missing = 0;

async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  beside?.stop();
}

async function start(cores: number): Promise<Beside> {
  const processors = shareProcessors(cores);
  say(`${cores === 1 ? 'one processor' : `${cores} processors`} for the gateway (${processors.gateway})`);
  const started = await startBeside(processors.load, values.execute);
  beside = started;
  await writeFile(SUPERGRAPH_PATH, composeAt(started.subgraphUrls));
  if (values.profile) return started;
  for (const gateway of listGateways(peers, values.before)) {
    try {
      running.push(await runGateway(gateway, cores, started.subgraphUrls, processors));
    } catch (error) {
      missing += 1;
      say(error instanceof Error ? error.message : String(error));
    }
  }
  return started;
}

async function compareAll(): Promise<Compared[]> {
  say('asking everybody everything once');
  const apollo = running.find(({ gateway }) => gateway.kind === 'apollo');
  if (apollo === undefined) throw new Error('@apollo/gateway does not run');
  const compared: Compared[] = [];
  for (const question of QUESTIONS) {
    const expected = await collectAnswers(apollo.port, question);
    refuseErrors(expected, question);
    for (const one of running) compared.push(await compareAnswers(one, question, expected));
  }
  reportAnswers(compared);
  console.log('');
  return compared;
}

/** Sharing makes no difference where no two in flight are the same. */
const isMeasured = ({ gateway }: RunningGateway, load: LoadKind) => load === 'identical' || !gateway.isSharing;

/** Until the compilers have seen enough of it. */
async function warmUp(started: Beside, one: RunningGateway, question: Question): Promise<void> {
  const warming = { running: one, question, load: 'distinct', connections, forMs: 1_000, compared: null } as const;
  let requests = 0;
  for (let second = 0; second < MAX_WARM_UP_SECONDS && requests < WARM_UP_REQUESTS; second += 1) {
    requests += (await measure(started, warming)).aSecond;
  }
}

async function measureAll(cores: number): Promise<Row[]> {
  const started = await start(cores);
  const compared = await compareAll();
  const comparedOf = ({ gateway }: RunningGateway, name: string) =>
    compared.find((one) => one.gateway.name === gateway.name && one.question === name) ?? null;
  say('warming up');
  for (const question of QUESTIONS) {
    for (const one of running) {
      await warmUp(started, one, question);
    }
  }
  const rows = new Map<string, Row & { samples: Row['samples'][number][] }>();
  for (let round = 1; round <= rounds; round += 1) {
    say(`round ${round} of ${rounds}`);
    for (const question of QUESTIONS) {
      for (const load of LOADS) {
        for (const one of running.filter((candidate) => isMeasured(candidate, load))) {
          const { gateway } = one;
          const wanted = { running: one, question, load, connections, forMs, compared: comparedOf(one, question.name) };
          const sample = await measure(started, wanted);
          const key = `${gateway.name} ${question.name} ${load}`;
          const row = rows.get(key) ?? { gateway, question: question.name, load, processes: cores, samples: [] };
          row.samples.push(sample);
          rows.set(key, row);
        }
      }
    }
  }
  await stopAll();
  for (const { name } of QUESTIONS) {
    for (const load of LOADS) {
      const wanted = [...rows.values()].filter((row) => row.question === name && row.load === load);
      reportLoad(wanted, `${name}, ${load} load, ${cores === 1 ? 'one process on one core' : `${cores} processes`}`);
    }
  }
  const differing = compared.filter(({ gateway, likeness }) => gateway.kind === 'ours' && likeness === 'different');
  if (differing.length > 0) throw new Error('Our answers are not those of @apollo/gateway: see above.');
  return [...rows.values()];
}

async function bench(): Promise<boolean> {
  await mkdir(PLACE, { recursive: true });
  if (peers.some((peer) => peer.startsWith('hive')) && !values.profile) await installPeers(say);
  const sizes = QUESTIONS.map((question) => `${question.name} ${bodyOf(question, 0).length} bytes`);
  say(`${cpus().length} × ${cpus()[0]?.model ?? 'processor'}; ${connections} connections; ${sizes.join(', ')}`);
  if (values.profile) {
    await profileOurs(await start(1), { connections, forMs });
    return true;
  }
  if (peers.includes('native') && process.env.HIVE_ROUTER_BIN === undefined) {
    say('without hive-router: HIVE_ROUTER_BIN says where its binary is, cargo install hive-router makes it');
  }
  const rows: Row[] = [];
  for (const cores of coreCounts) rows.push(...(await measureAll(cores)));
  reportGoals(rows);
  await writeFile(join(PLACE, 'last.json'), JSON.stringify(rows, null, 1));
  return reportFailures(rows) === 0 && missing === 0;
}

onEnd(() => void stopAll().then(() => process.exit(130)));
try {
  process.exitCode = (await bench()) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await stopAll();
}
process.exit();
