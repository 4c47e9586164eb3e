import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { freePort } from '@ebuy/testing';

/** The audit's own server: the subgraphs, supergraphs and cases of every suite. */
export interface AuditServer {
  readonly url: string;
  stop(): void;
}

const NEEDED = ['graphql', 'graphql-yoga', '@apollo/composition', '@apollo/subgraph', 'fets', 'yargs'];
const START_TIMEOUT_MS = 60_000;
const INSTALL_TIMEOUT_MS = 5 * 60_000;
const POLL_MS = 100;

/**
 * Starts it from a checkout as it is: nothing is built, and nothing is written there.
 *
 * @throws Error that says what to do, when that is no checkout of the audit, its packages cannot be had, or it does not start
 */
export async function startAuditServer(checkout: string, say: (line: string) => void): Promise<AuditServer> {
  if (!existsSync(join(checkout, 'src', 'cli.ts')) || !existsSync(join(checkout, 'src', 'test-suites')))
    throw new Error(`${checkout} is no checkout of graphql-hive/federation-gateway-audit: src/cli.ts is not there.`);
  const packages = await findPackages(checkout, say);
  const port = await freePort();
  const hook = new URL('typescript-source.ts', import.meta.url).href;
  const server = spawn(process.execPath, ['--import', hook, 'src/cli.ts', 'serve', '--port', String(port)], {
    cwd: checkout,
    env: { ...process.env, EBUY_AUDIT_PACKAGES: pathToFileURL(join(packages, 'package.json')).href },
    // Its input says that we are still there: see typescript-source.ts.
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const stop = () => void server.kill('SIGKILL');
  process.once('exit', stop);
  const url = `http://localhost:${port}`;
  try {
    await untilReady(server, url);
  } catch (error) {
    stop();
    throw error;
  }
  return { url, stop };
}

async function untilReady(server: ChildProcess, url: string): Promise<void> {
  let complaint = '';
  server.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2_000);
  });
  for (const began = performance.now(); performance.now() - began < START_TIMEOUT_MS; await sleep(POLL_MS)) {
    if (server.exitCode !== null) throw new Error(`The audit's server ended at once:\n${complaint}`);
    const response = await fetch(`${url}/_health`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    if (response?.ok === true) return;
  }
  throw new Error(`The audit's server is not there after ${START_TIMEOUT_MS} ms:\n${complaint}`);
}

/** Where the audit's packages are: in the checkout, or in a folder for temporary files, one for each lockfile. */
async function findPackages(checkout: string, say: (line: string) => void): Promise<string> {
  if (hasPackages(checkout)) return checkout;
  const lockfile = readFileSync(join(checkout, 'package-lock.json'), 'utf8');
  const folder = join(
    tmpdir(),
    `ebuy-federation-audit-${createHash('sha256').update(lockfile).digest('hex').slice(0, 12)}`,
  );
  if (hasPackages(folder)) return folder;
  say(`The checkout has no packages: installing what its server needs in ${folder}.`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify(serverManifest(checkout)));
  writeFileSync(join(folder, 'package-lock.json'), lockfile);
  await install(folder);
  if (!hasPackages(folder)) throw new Error(`npm did not bring all of ${NEEDED.join(', ')} to ${folder}.`);
  return folder;
}

const hasPackages = (folder: string) =>
  NEEDED.every((name) => existsSync(join(folder, 'node_modules', name, 'package.json')));

/** The audit's own, without what only other gateways and its release need. */
function serverManifest(checkout: string): Record<string, unknown> {
  const manifest = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
    readonly dependencies: Record<string, string>;
    readonly devDependencies?: Record<string, string>;
    readonly overrides?: Record<string, unknown>;
  };
  const { dependencies, devDependencies = {}, overrides = {} } = manifest;
  return {
    name: 'federation-audit-server',
    private: true,
    dependencies: { ...dependencies, graphql: devDependencies.graphql ?? '16' },
    overrides,
  };
}

function install(folder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const npm = spawn('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: INSTALL_TIMEOUT_MS,
      shell: process.platform === 'win32',
    });
    npm.once('error', reject);
    npm.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`npm install in ${folder} ended with ${code}: see above.`)),
    );
  });
}
