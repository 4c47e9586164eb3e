// The door of every npm script: `node tools/bootstrap.mjs tools/start.ts …`. Plain JavaScript without dependencies, for any Node from 18 up:
// it runs on a bare clone, before anything is installed. It checks the machine, installs what the lockfile names, and hands over to Node 24.
import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNewestJdk, findProgram, MAVEN_FOLDERS, OLDEST_JDK } from '../packages/engines/src/artifacts/machine.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OLDEST_NODE = 18;
const NODE = 24;
/** Scripts that start engines need what engines run on. */
const ENGINE_SCRIPTS = ['start.ts', 'engines.ts', 'demo.ts', 'test.ts', 'orders.ts'];
/** What is fetched once: packages (1 GB), engines (0.7 GB), and some room for data. */
const FIRST_TIME_BYTES = 3e9;
const ENGINE_URLS = ['POSTGRESQL_URL', 'MONGODB_URL', 'KAFKA_BROKERS', 'REDIS_URL', 'OPENSEARCH_URL', 'KEYCLOAK_URL'];
const ORPHAN_CHECK_MS = 1_000;

const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  console.error('usage: node tools/bootstrap.mjs tools/<script>.ts …');
  process.exit(2);
}

const nodeMajor = Number(process.versions.node.split('.')[0]);
const needsEngines =
  ENGINE_SCRIPTS.includes(basename(script)) &&
  !args.includes('--fast') &&
  !ENGINE_URLS.every((name) => process.env[name]);

const problems = [...checkNode(), ...(needsEngines ? await checkEngines() : []), ...checkDisk()];
if (problems.length > 0) {
  console.error(
    `eBuy cannot start on this machine yet:\n\n${problems.map((problem) => `  - ${problem}`).join('\n\n')}\n`,
  );
  process.exit(1);
}
installPackages();
handOver();

function checkNode() {
  if (nodeMajor < OLDEST_NODE) {
    return [
      `Node ${process.versions.node} is too old. Install Node ${NODE}: https://nodejs.org, or nvm install ${NODE}`,
    ];
  }
  const hasPackage = ['linux-x64', 'linux-arm64', 'win32-x64'].includes(`${process.platform}-${process.arch}`);
  if (nodeMajor >= NODE || hasPackage) return [];
  return [
    `Node ${process.versions.node} is too old, and Node ${NODE} does not come as a package for ${process.platform}-${process.arch}. Install it: ${process.platform === 'darwin' ? `brew install node@${NODE}, or ` : ''}nvm install ${NODE}`,
  ];
}

async function checkEngines() {
  const found = [];
  if (process.platform === 'win32') found.push('The engines need a POSIX system. Run eBuy in WSL 2 (wsl --install).');
  const jdk = await findNewestJdk();
  if (jdk === null || jdk.major < OLDEST_JDK) {
    const seen = jdk === null ? 'there is none' : `the newest here is ${jdk.version}, in ${jdk.home}`;
    found.push(
      `A JDK ${OLDEST_JDK} or newer is missing (${seen}); Kafka, OpenSearch and Keycloak run on it. Install it: ${installLine('openjdk-17-jdk-headless', 'java-17-openjdk-devel', 'openjdk')}`,
    );
  }
  const isFetched = ['kafka-', 'keycloak-', 'opensearch-'].every((name) => hasArtifact(name));
  if (!isFetched && (await findProgram('mvn', MAVEN_FOLDERS)) === null) {
    found.push(`Maven is missing; it fetches the engines. Install it: ${installLine('maven', 'maven', 'maven')}`);
  }
  if ((await findProgram('tar')) === null)
    found.push(`tar is missing. Install it: ${installLine('tar', 'tar', 'gnu-tar')}`);
  return found;
}

function installLine(debian, fedora, brew) {
  if (process.platform === 'darwin') return `brew install ${brew}`;
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  if (fs.existsSync('/usr/bin/dnf')) return `${sudo}dnf install -y ${fedora}`;
  return `${sudo}apt-get update && ${sudo}apt-get install -y ${debian}`;
}

function hasArtifact(prefix) {
  const folder = process.env.EBUY_ARTIFACTS_DIR ?? join(ROOT, '.ebuy', 'engines');
  return (
    fs.existsSync(folder) &&
    fs.readdirSync(folder).some((name) => name.startsWith(prefix) && !name.includes('.partial-'))
  );
}

function checkDisk() {
  // Node has it from 18.15 on.
  if (typeof fs.statfsSync !== 'function' || (fs.existsSync(join(ROOT, 'node_modules')) && hasArtifact('keycloak-')))
    return [];
  const { bavail, bsize } = fs.statfsSync(ROOT);
  const free = bavail * bsize;
  if (free > FIRST_TIME_BYTES) return [];
  return [
    `Only ${(free / 1e9).toFixed(1)} GB are free where ${ROOT} is; the first start takes ${FIRST_TIME_BYTES / 1e9} GB. Free some.`,
  ];
}

/** Whether every package stands in node_modules at the version that the lockfile names: npm keeps a list of what it put there. */
function findOutdatedPackage() {
  const installedFile = join(ROOT, 'node_modules', '.package-lock.json');
  if (!fs.existsSync(installedFile)) return 'node_modules';
  const wanted = JSON.parse(fs.readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(fs.readFileSync(installedFile, 'utf8')).packages;
  for (const [path, { version, optional, peer, link }] of Object.entries(wanted)) {
    if (!path.includes('node_modules/') || link === true || installed[path]?.version === version) continue;
    if (installed[path] === undefined && (optional === true || peer === true)) continue;
    return path.replace(/^.*node_modules\//, '');
  }
  return null;
}

function installPackages() {
  const outdated = findOutdatedPackage();
  if (outdated === null) return;
  console.log(
    outdated === 'node_modules'
      ? 'Installing packages (npm ci) …'
      : `Installing packages (npm ci): ${outdated} is not what the lockfile names …`,
  );
  const flags = ['--no-audit', '--no-fund', '--loglevel=error'];
  const clean = npm(['ci', ...flags], 'pipe');
  if (clean.status === 0) return;
  // npm ci refuses a lockfile when the registry (a mirror, often) lacks other systems' optional packages; npm install takes it as it is.
  const lenient = npm(['install', '--no-save', ...flags], 'inherit');
  if (lenient.status === 0) return;
  console.error(
    clean.error?.code === 'ENOENT'
      ? 'npm is missing: it comes with Node (https://nodejs.org).'
      : `${clean.stderr ?? ''}\nNeither npm ci nor npm install worked (exit codes ${clean.status} and ${lenient.status}); what they wrote above says why.`,
  );
  process.exit(1);
}

function npm(words, output) {
  const script = process.env.npm_execpath;
  const isScript = script !== undefined && /\.c?js$/.test(script);
  const [command, first] = isScript ? [process.execPath, [script]] : ['npm', []];
  return spawnSync(command, [...first, ...words], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', output, output] });
}

function handOver() {
  const packaged = join(ROOT, 'node_modules', '.bin', 'node');
  const node = fs.existsSync(packaged) ? packaged : process.execPath;
  if (node === process.execPath && nodeMajor < NODE) {
    console.error(
      `Node ${NODE} did not come with the packages. Install it (https://nodejs.org), or run npm ci without --omit=optional.`,
    );
    process.exit(1);
  }
  const child = spawn(node, [script, ...args], {
    // The channel carries no messages: when it closes, we are gone, and a script that runs on ends itself (tools/repo/parent.ts).
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(ROOT, '.ebuy', 'compile-cache') },
  });
  child.on('error', (error) => {
    console.error(`Node ${NODE} could not be started: ${error.message}`);
    process.exit(1);
  });
  // A terminal's Ctrl-C reaches the script by itself; what was sent to us alone is passed on.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  watchNpm(child);
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 130)));
}

/** npm may be killed without a word to us; between it and us there may be the shell it starts scripts with. */
function watchNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const before = ancestors();
  setInterval(() => ancestors() !== before && child.kill('SIGTERM'), ORPHAN_CHECK_MS).unref();
}

function ancestors() {
  const parent = process.ppid;
  try {
    // "pid (name) state ppid …"; only Linux says it so plainly.
    const grandparent = fs
      .readFileSync(`/proc/${parent}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')[1];
    return `${parent} ${grandparent}`;
  } catch {
    return String(parent);
  }
}
