import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentHash, writeWhenChanged } from './artifacts/artifacts.ts';
import { newestJdk } from './artifacts/java.ts';
import type { Jdk } from './artifacts/machine.mjs';
import { bareEnvironment, type EngineContext, type EngineDefinition } from './engine.ts';
import { run } from './process/run.ts';

/** The newest whose modules are all in Maven Central; it wants Java 21. */
const VERSION = '3.8.0';
/** The newest such that runs on Java 17. */
const VERSION_ON_JAVA_17 = '2.19.6';
const FILES = fileURLToPath(new URL('../opensearch/', import.meta.url));
const PROBE_TIMEOUT_MS = 8_000;

/** A real node, started by a main of our own: the distribution with its shell scripts and its refusal of root is in no package registry. */
export const opensearch: EngineDefinition = {
  name: 'opensearch',
  title: 'OpenSearch',
  preferredPort: 4720,
  stopSignal: 'TERM',
  graceMs: 20_000,
  readyDeadlineMs: 120_000,
  prepare: async (context) => {
    const jdk = await newestJdk();
    const version = jdk.major >= 21 ? VERSION : VERSION_ON_JAVA_17;
    const java = await javaCommand(context, jdk, version);
    await writeConfiguration(context, version);
    const url = `http://127.0.0.1:${context.port}`;
    return {
      command: java.command,
      args: [...java.args, 'OpenSearchLocal', homeOf(context, version)],
      env: bareEnvironment(),
      cwd: context.dataDir,
      url,
      how: `OpenSearch ${version} from Maven Central, on JDK ${jdk.version}`,
      isReady: () => isYellow(url),
    };
  },
};

/** A major version's own: what version 3 has written, version 2 cannot read, and the JDK may change. Everything in it can be built anew from events. */
const homeOf = (context: EngineContext, version: string): string => join(context.dataDir, `v${version.split('.')[0]}`);

const writeConfiguration = async (context: EngineContext, version: string): Promise<void> => {
  const transportPort = await context.choosePort('transport');
  const template = await readFile(join(FILES, 'opensearch.yml'), 'utf8');
  const home = homeOf(context, version);
  await mkdir(home, { recursive: true });
  await writeWhenChanged(
    join(home, 'config', 'opensearch.yml'),
    template.replaceAll('@PORT@', String(context.port)).replaceAll('@TRANSPORT_PORT@', String(transportPort)),
  );
};

const javaCommand = async (
  context: EngineContext,
  jdk: Jdk,
  version: string,
): Promise<{ command: string; args: string[] }> => {
  const libs = await context.artifacts.mavenLibraries(`opensearch-${version}`, join(FILES, 'pom.xml'), {
    'opensearch.version': version,
  });
  const jars = (await readdir(libs)).filter((file) => file.endsWith('.jar')).sort();
  const classpath = jars.map((jar) => join(libs, jar));
  const own = await ownClasses(context, jdk, version, classpath);
  // Written when the process first ends, as Kafka's: a start then takes a third of the time. The whole class path must be jars, in one order.
  const archive = join(own, `classes-${jdk.version}.jsa`);
  return {
    command: join(jdk.home, 'bin', 'java'),
    args: [
      ...['-Xms64m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:+ExitOnOutOfMemoryError'],
      // Unlike the other engines it has both compilers: a search is computation.
      ...(context.options.opensearch?.isShortLived === true ? ['-XX:TieredStopAtLevel=1'] : []),
      ...(jdk.major >= 19 ? ['-XX:+AutoCreateSharedArchive', `-XX:SharedArchiveFile=${archive}`] : []),
      ...(jdk.major >= 22 ? ['--enable-native-access=ALL-UNNAMED'] : []),
      `-Dlog4j2.configurationFile=${join(FILES, 'log4j2.properties')}`,
      '-Dlog4j2.disable.jmx=true',
      '-cp',
      [join(own, 'opensearch-local.jar'), ...classpath].join(':'),
    ],
  };
};

/** Our own main, compiled once for each state of its source. Returns the folder of its jar. */
const ownClasses = async (
  context: EngineContext,
  jdk: Jdk,
  version: string,
  classpath: readonly string[],
): Promise<string> => {
  const source = join(FILES, 'OpenSearchLocal.java');
  return context.artifacts.folder(
    `opensearch-local-${version}-${await contentHash([source])}`,
    'compiling the start of OpenSearch',
    async (into) => {
      const classes = join(into, 'classes');
      await run(
        join(jdk.home, 'bin', 'javac'),
        ['--release', version === VERSION ? '21' : '17', '-nowarn', '-cp', classpath.join(':'), '-d', classes, source],
        { timeoutMs: 120_000 },
      );
      await run(join(jdk.home, 'bin', 'jar'), ['cf', join(into, 'opensearch-local.jar'), '-C', classes, '.'], {
        timeoutMs: 60_000,
      });
    },
  );
};

/** Every index that was there before has its primary shards back. */
const isYellow = async (url: string): Promise<boolean> => {
  const answer = await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=5s`, {
    signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
  });
  const health = (await answer.json()) as { readonly timed_out?: boolean };
  return answer.ok && health.timed_out === false;
};
