import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EngineName, type Engines, type EnginesOptions, startEngines } from '@ebuy/engines';
import { eventually } from '@ebuy/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readMark, writeMark } from './marks.fixture.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const artifactsDir = process.env.EBUY_ARTIFACTS_DIR ?? join(ROOT, '.ebuy', 'engines');
const keycloak = {
  realmFile: join(ROOT, 'deploy', 'keycloak', 'ebuy-realm.development.json'),
  redirectOrigins: { 'ebuy-storefront': ['http://127.0.0.1:3999'] },
};
const STORES: readonly EngineName[] = ['postgresql', 'mongodb', 'kafka', 'redis', 'opensearch'];

const SECOND = fileURLToPath(new URL('./second.fixture.ts', import.meta.url));

let folder: string;
/** Whatever a test leaves running ends after it, also when it fails. */
const toStop: Engines[] = [];
const start = async (options: EnginesOptions): Promise<Engines> => {
  const engines = await startEngines(options);
  toStop.push(engines);
  return engines;
};
afterEach(async () => {
  await Promise.all(toStop.splice(0).map((engines) => engines.stop()));
}, 120_000);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ebuy-engines-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

describe('engines of one data directory', () => {
  let engines: Engines;
  beforeAll(async () => {
    engines = await startEngines({
      dataDir: join(folder, 'one'),
      artifactsDir,
      preferredPorts: 'free',
      opensearch: { isShortLived: true },
      keycloak,
    });
  }, 300_000);
  afterAll(() => engines?.stop(), 120_000);

  it.each(STORES)('%s keeps what it acknowledged when it is killed', async (name) => {
    const engine = engines.get(name);
    const before = { pid: engine.pid, url: engine.url };
    await writeMark(engine, 'kept');
    await engine.kill();
    expect(engine.pid).toBeNull();
    await engine.restart();
    expect(engine.pid).not.toBe(before.pid);
    expect(engine.url).toBe(before.url);
    expect(await readMark(engine)).toBe('kept');
  });

  it('keycloak signs the accounts of the realm in, with the roles and the audience that the graph wants', async () => {
    const claims = await signIn(engines.get('keycloak').url, 'merchandiser@example.com');
    expect(claims).toMatchObject({
      iss: `${engines.get('keycloak').url}/realms/ebuy`,
      email: 'merchandiser@example.com',
      email_verified: true,
      name: 'Mara Merchant',
    });
    expect(claims.aud).toContain('ebuy-graph');
    expect(claims.realm_access.roles).toEqual(expect.arrayContaining(['customer', 'merchandiser']));
  });

  it('keycloak sends people back to the origins it was started with, and nowhere else', async () => {
    const { url } = engines.get('keycloak');
    expect(await askToSignIn(url, 'http://127.0.0.1:3999/signed-in')).toBe(200);
    expect(await askToSignIn(url, 'http://127.0.0.1:3000/signed-in')).toBe(400);
  });

  it('refuses to run a second engine on the same data, here and from another process', async () => {
    const options = { dataDir: join(folder, 'one'), artifactsDir, preferredPorts: 'free', only: ['redis'] } as const;
    await expect(startEngines(options)).rejects.toThrow('already runs in');
    const stranger = spawnSync(process.execPath, [SECOND, JSON.stringify(options)], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(stranger.stderr).toContain(`already run, under process ${process.pid}`);
  });
});

it('a second shop runs beside the first, on ports of its own', async () => {
  const options = { artifactsDir, only: ['redis', 'kafka'], preferredPorts: 'free' } as const;
  const both = await Promise.all([
    start({ ...options, dataDir: join(folder, 'left') }),
    start({ ...options, dataDir: join(folder, 'right') }),
  ]);
  const [left, right] = both;
  await writeMark(left.get('redis'), 'left');
  await writeMark(right.get('redis'), 'right');
  expect(await readMark(left.get('redis'))).toBe('left');
  expect(await readMark(right.get('redis'))).toBe('right');
});

it('never adopts a server that listens where an engine would: it takes another port', async () => {
  const stranger = createServer((socket) => socket.end('+PONG\r\n'));
  const taken = await new Promise<number>((resolve) => {
    stranger.listen(0, '127.0.0.1', () => resolve((stranger.address() as { port: number }).port));
  });
  const options = {
    dataDir: join(folder, 'taken'),
    artifactsDir,
    only: ['redis'],
    preferredPorts: { redis: taken },
  } as const;
  const engines = await start(options);
  const { port } = engines.get('redis');
  expect(port).not.toBe(taken);
  await new Promise((resolve) => stranger.close(resolve));
});

it('uses an engine that a URL names, and neither stops nor restarts it', async () => {
  const options = {
    dataDir: join(folder, 'elsewhere'),
    artifactsDir,
    only: ['kafka'],
    urls: { kafka: 'broker:9092' },
  } as const;
  const engines = await start(options);
  expect(engines.get('kafka')).toMatchObject({ url: 'broker:9092', port: 9092, pid: null });
  await expect(engines.get('kafka').restart()).rejects.toThrow('runs elsewhere');
});

it('brings an engine back that crashed, if it was asked to', async () => {
  const restarted = Promise.withResolvers<void>();
  let starts = 0;
  const engines = await start({
    dataDir: join(folder, 'crash'),
    artifactsDir,
    only: ['redis'],
    preferredPorts: 'free',
    restartCrashed: true,
    onProgress: ({ kind }) => {
      if (kind === 'ready') starts += 1;
      if (starts === 2) restarted.resolve();
    },
  });
  const pid = engines.get('redis').pid ?? 0;
  process.kill(pid, 'SIGKILL');
  await restarted.promise;
  await eventually(() => expect(isAlive(engines.get('redis').pid ?? -1)).toBe(true));
  expect(engines.get('redis').pid).not.toBe(pid);
});

it('tells what is wrong, with the end of the log, when an engine does not start', async () => {
  const options = {
    dataDir: join(folder, 'wrong'),
    artifactsDir,
    only: ['postgresql'],
    preferredPorts: 'free',
  } as const;
  const starting = startEngines({ ...options, postgresql: { settings: { no_such_setting: '1' } } });
  await expect(starting).rejects.toThrow(/no_such_setting/);
});

interface Claims {
  readonly iss: string;
  readonly aud: string | string[];
  readonly realm_access: { readonly roles: string[] };
  readonly [claim: string]: unknown;
}

const signIn = async (url: string, username: string): Promise<Claims> => {
  const answer = await fetch(`${url}/realms/ebuy/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'password', client_id: 'ebuy-dev', username, password: 'ebuy-demo' }),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  return JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString()) as Claims;
};

/** Opens the sign-in page as the storefront would (authorization code with PKCE). */
const askToSignIn = async (url: string, redirectUri: string): Promise<number> => {
  const query = new URLSearchParams({
    client_id: 'ebuy-storefront',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: redirectUri,
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  const answer = await fetch(`${url}/realms/ebuy/protocol/openid-connect/auth?${query}`, { redirect: 'manual' });
  await answer.body?.cancel();
  return answer.status;
};
