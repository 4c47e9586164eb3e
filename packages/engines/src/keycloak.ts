import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { newestJdk } from './artifacts/java.ts';
import type { Jdk } from './artifacts/machine.mjs';
import { bareEnvironment, type EngineContext, type EngineDefinition } from './engine.ts';
import { allowOrigins } from './keycloak-clients.ts';
import { run } from './process/run.ts';

const VERSION = '26.7.3';
const ADMIN = 'ebuy-bootstrap';
const PROBE_TIMEOUT_MS = 5_000;
/** What of the distribution a home folder shows; `data` is its own. */
const SHARED_FOLDERS = ['lib', 'providers', 'themes', 'conf'];

/**
 * Keycloak runs from a home folder that links to the built distribution and has a data folder of its own,
 * so that one distribution serves every data directory. Its store is the embedded H2 file in there.
 */
export const keycloak: EngineDefinition = {
  name: 'keycloak',
  title: 'Keycloak',
  preferredPort: 8080,
  stopSignal: 'TERM',
  graceMs: 15_000,
  readyDeadlineMs: 180_000,
  prepare: async (context) => {
    const { keycloak: options } = context.options;
    if (options === undefined) throw new Error('Keycloak needs a realm: give startEngines keycloak.realmFile');
    const jdk = await newestJdk();
    const distribution = await builtDistribution(context, jdk);
    const realm = (JSON.parse(await readFile(options.realmFile, 'utf8')) as { realm: string }).realm;
    const home = await prepareHome(context, distribution, options.realmFile);
    const password = await adminPassword(context);
    const url = `http://127.0.0.1:${context.port}`;
    return {
      command: join(jdk.home, 'bin', 'java'),
      args: [
        ...javaOptions(home, jdk),
        '-cp',
        join(home, 'lib', 'quarkus-run.jar'),
        'io.quarkus.bootstrap.runner.QuarkusEntryPoint',
        ...serverOptions(context.port, url),
      ],
      env: bareEnvironment({ KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN, KC_BOOTSTRAP_ADMIN_PASSWORD: password }),
      cwd: context.dataDir,
      url,
      how: `Keycloak ${VERSION} from Maven Central, realm ${realm}, on JDK ${jdk.version}`,
      isReady: () => answersDiscovery(url, realm),
      afterReady: async () => {
        if (options.redirectOrigins !== undefined)
          await allowOrigins({ url, realm, admin: ADMIN, password }, options.redirectOrigins);
      },
    };
  },
};

const builtDistribution = (context: EngineContext, jdk: Jdk): Promise<string> =>
  context.artifacts.folder(`keycloak-${VERSION}`, 'fetching Keycloak from Maven Central (176 MB)', async (into) => {
    await context.artifacts.mavenFile(`org.keycloak:keycloak-quarkus-dist:${VERSION}:tar.gz`, into);
    const archive = join(into, `keycloak-quarkus-dist-${VERSION}.tar.gz`);
    await run('tar', ['xzf', archive, '--strip-components=1'], { cwd: into, timeoutMs: 300_000 });
    await rm(archive);
    context.preparing('building Keycloak for its store (once, half a minute)');
    await run(join(into, 'bin', 'kc.sh'), ['build', '--db=dev-file'], {
      cwd: into,
      timeoutMs: 300_000,
      env: bareEnvironment({ JAVA_HOME: jdk.home }),
    });
  });

const prepareHome = async (context: EngineContext, distribution: string, realmFile: string): Promise<string> => {
  const home = join(context.dataDir, 'home');
  const imports = join(home, 'data', 'import');
  await mkdir(imports, { recursive: true, mode: 0o700 });
  for (const folder of SHARED_FOLDERS) {
    await rm(join(home, folder), { force: true });
    await symlink(join(distribution, folder), join(home, folder));
  }
  await copyFile(realmFile, join(imports, basename(realmFile)));
  return home;
};

/** The administrator of Keycloak itself: made with the data directory and kept in it, for whoever may read that. */
const adminPassword = async (context: EngineContext): Promise<string> => {
  const file = join(context.dataDir, 'admin-password');
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept !== null) return kept;
  const password = randomBytes(24).toString('base64url');
  await mkdir(context.dataDir, { recursive: true, mode: 0o700 });
  await writeFile(file, password, { mode: 0o600 });
  return password;
};

/** What kc.sh would pass, sized for one machine; kc.sh itself would stand between us and the process. */
const javaOptions = (home: string, jdk: Jdk): string[] => [
  ...[
    '-Xms64m',
    '-Xmx384m',
    '-XX:MaxMetaspaceSize=256m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-XX:+ExitOnOutOfMemoryError',
  ],
  ...['java.util', 'java.util.concurrent', 'java.security', 'java.lang'].map(
    (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
  ),
  ...(jdk.major >= 23 ? ['--sun-misc-unsafe-memory-access=allow'] : []),
  ...(jdk.major >= 22 ? ['--enable-native-access=ALL-UNNAMED'] : []),
  ...['-Dfile.encoding=UTF-8', '-Duser.language=en', '-Duser.country=US', '-Dpicocli.disable.closures=true'],
  '-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
  '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
  `-Dkc.home.dir=${home}`,
  `-Djboss.server.config.dir=${join(home, 'conf')}`,
];

const serverOptions = (port: number, url: string): string[] => [
  ...['start', '--optimized', '--import-realm', '--cache=local'],
  ...['--http-enabled=true', '--http-host=127.0.0.1', `--http-port=${port}`, `--hostname=${url}`],
];

/** The realm's discovery document, from this very server: its issuer carries the port. */
const answersDiscovery = async (url: string, realm: string): Promise<boolean> => {
  const issuer = `${url}/realms/${realm}`;
  const answer = await fetch(`${issuer}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
  });
  return answer.ok && ((await answer.json()) as { issuer: string }).issuer === issuer;
};
