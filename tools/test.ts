// `npm test [-- path …]`: generated code, fast tests, then component tests and scenarios on real engines of their own, beside whatever runs.
// `npm run test:fast` stops after the fast ones. A path keeps to the tests whose file name contains it.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engines, startEngines } from '@ebuy/engines';
import { generate } from './generate.ts';
import { failedTests, type TestReport } from './repo/failed-tests.ts';
import { onEnd } from './repo/parent.ts';
import { ARTIFACTS_DIR, ROOT, STATE_DIR } from './repo/paths.ts';
import { seedShop } from './seed.ts';
import type { Shop } from './shop/contract.ts';
import { engineUrlsFromEnvironment } from './shop/engine-urls.ts';
import { enginesFile, writeEnginesFile } from './shop/engines-file.ts';
import { startShop } from './shop/launch.ts';
import { REALM_FILE } from './shop/realm.ts';
import { bold, dim, green, red, seconds } from './terminal/progress.ts';

type Project = 'fast' | 'component' | 'e2e';

interface StageOutcome {
  readonly passed: number;
  readonly failed: number;
  /** What failed, each in a few lines. */
  readonly failures: readonly string[];
}

/** Scenarios start whole shops: one at a time. */
const WORKERS: Readonly<Record<Project, number>> = { fast: 2, component: 2, e2e: 1 };
const JEST = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
const TEST_DIR = join(STATE_DIR, 'test');
/** A stage that hangs is a failure, not a reason to wait; a machine that is slow is no failure. */
const STAGE_DEADLINE_MS = 40 * 60_000;

const paths = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const flags = process.argv.slice(2).filter((word) => word.startsWith('--'));
const isFast = flags.includes('--fast');
const jestFlags = flags.filter((flag) => flag !== '--fast');
const reports = await mkdtemp(join(tmpdir(), 'ebuy-test-'));
const durations: string[] = [];
let engines: Engines | null = null;
let shop: Shop | null = null;
let child: ReturnType<typeof spawn> | null = null;

onEnd(() => {
  child?.kill('SIGTERM');
  const stop = async (): Promise<void> => {
    await shop?.stop();
    await engines?.stop();
    process.exit(130);
  };
  void stop();
});

const timed = async <Result>(stage: string, work: () => Promise<Result>): Promise<Result> => {
  const from = performance.now();
  console.log(bold(`\n${stage}`));
  try {
    return await work();
  } finally {
    durations.push(`${stage} ${seconds(performance.now() - from)}`);
  }
};

const jest = (
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  isQuiet = false,
): Promise<{ code: number; output: string }> =>
  new Promise((resolve, reject) => {
    child = spawn(
      process.execPath,
      ['--experimental-vm-modules', '--no-warnings', JEST, '-c', join(ROOT, 'jest.config.mjs'), ...args],
      {
        cwd: ROOT,
        stdio: ['ignore', isQuiet ? 'pipe' : 'inherit', 'inherit'],
        env: { ...process.env, ...environment },
      },
    );
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const deadline = setTimeout(() => child?.kill('SIGKILL'), STAGE_DEADLINE_MS);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(deadline);
      resolve({ code: code ?? 1, output });
    });
  });

const hasTests = async (project: Project): Promise<boolean> => {
  const { output } = await jest(['--selectProjects', project, '--listTests', ...paths], {}, true);
  // jest says which project it looks through, too.
  return output.split('\n').some((line) => line.startsWith(ROOT));
};

const runProject = async (project: Project, environment: NodeJS.ProcessEnv): Promise<StageOutcome> => {
  const report = join(reports, `${project}.json`);
  const args = [
    '--selectProjects',
    project,
    `--maxWorkers=${WORKERS[project]}`,
    '--passWithNoTests',
    // A test that failed half way may leave a consumer running: that is told, and not waited for.
    ...(project === 'fast' ? [] : ['--forceExit']),
    '--json',
    `--outputFile=${report}`,
    ...jestFlags,
    ...paths,
  ];
  // With --json jest writes its report to stdout as well, unless a file is named; what people read goes to stderr.
  const { code } = await jest(args, environment, true);
  const result = JSON.parse(await readFile(report, 'utf8').catch(() => '{}')) as TestReport;
  const failed = (result.numFailedTests ?? 0) + (result.numRuntimeErrorTestSuites ?? 0);
  const failures = failedTests(result, ROOT);
  if (code === 0 || failed > 0) return { passed: result.numPassedTests ?? 0, failed, failures };
  return { passed: result.numPassedTests ?? 0, failed: 1, failures: [`${project}: jest ended with ${code}`] };
};

/**
 * Data that need not outlive the machine needs no fsync. It must outlive a killed PostgreSQL, so commits stay synchronous: otherwise they are
 * acknowledged before they leave its own memory.
 */
const POSTGRESQL_SETTINGS = { fsync: 'off', full_page_writes: 'off' };

/** One scenario waits for an order's deadline to pass; the others must all be quicker, a killed service's recovery included. */
const SCENARIO_SETTINGS = { orders: { PAYMENT_DEADLINE_SECONDS: '30' } };

/** Everything but Keycloak, whose realm no test changes and which takes longest to make. */
const forgetLastRun = async (): Promise<void> => {
  await mkdir(TEST_DIR, { recursive: true });
  const old = (await readdir(TEST_DIR)).filter((name) => !['keycloak', 'engines.lock'].includes(name));
  for (const name of old) await rm(join(TEST_DIR, name), { recursive: true, force: true });
};

/** Engines of the tests' own, on free ports. */
const startTestEngines = async (): Promise<{ EBUY_TEST_ENGINES: string }> => {
  engines = await startEngines({
    dataDir: TEST_DIR,
    artifactsDir: ARTIFACTS_DIR,
    preferredPorts: 'free',
    urls: engineUrlsFromEnvironment(),
    postgresql: { settings: POSTGRESQL_SETTINGS },
    opensearch: { isShortLived: true },
    keycloak: { realmFile: REALM_FILE },
    onProgress: ({ engine, kind, message }) => {
      if (kind !== 'starting' && kind !== 'stopped') console.log(dim(`  ${engine}: ${message}`));
    },
  });
  await writeEnginesFile(TEST_DIR, engines);
  return { EBUY_TEST_ENGINES: enginesFile(TEST_DIR) };
};

/** A shop for the scenarios, on the same engines, started by the launcher that `npm start` uses. */
const startTestShop = async (): Promise<{ EBUY_TEST_ENGINES: string; EBUY_TEST_SHOP: string }> => {
  await engines?.stop();
  engines = null;
  shop = await startShop({
    dataDir: TEST_DIR,
    ports: 'free',
    engineUrls: engineUrlsFromEnvironment(),
    postgresqlSettings: POSTGRESQL_SETTINGS,
    opensearch: { isShortLived: true },
    environment: SCENARIO_SETTINGS,
    onProgress: ({ kind, message }) => {
      if (kind !== 'engine') console.log(dim(`  ${message}`));
    },
  });
  const { created } = await seedShop({ urls: shop.urls, mongodbUrl: shop.engines.get('mongodb').url });
  console.log(dim(`  ${created} products in the shop`));
  return { EBUY_TEST_ENGINES: enginesFile(TEST_DIR), EBUY_TEST_SHOP: join(TEST_DIR, 'shop.json') };
};

const outcomes: StageOutcome[] = [];
try {
  await timed('generate', () => generate({ onMade: (name) => console.log(dim(`  ${name}`)) }));
  outcomes.push(await timed('fast tests', () => runProject('fast', {})));
  const [hasComponent, hasScenarios] = isFast ? [false, false] : [await hasTests('component'), await hasTests('e2e')];
  if (hasComponent || hasScenarios) {
    await forgetLastRun();
    if (hasComponent) {
      const environment = await timed('engines', startTestEngines);
      outcomes.push(await timed('component tests', () => runProject('component', environment)));
    }
    if (hasScenarios) {
      const environment = await timed('shop', startTestShop);
      outcomes.push(await timed('scenarios', () => runProject('e2e', environment)));
    }
  }
} catch (error) {
  console.error(red(error instanceof Error ? error.message : String(error)));
  const failures = [error instanceof Error ? error.message : String(error)];
  outcomes.push({ passed: 0, failed: 1, failures });
} finally {
  await (shop as Shop | null)?.stop();
  await (engines as Engines | null)?.stop();
  await rm(reports, { recursive: true, force: true });
}

const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
for (const failure of outcomes.flatMap(({ failures }) => failures)) console.log(`\n${red('✗')} ${failure}`);
console.log(`\n${dim(durations.join(' · '))}`);
console.log((failed > 0 ? red : green)(bold(`${passed} passed, ${failed} failed`)));
process.exit(failed > 0 ? 1 : 0);
