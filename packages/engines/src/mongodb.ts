import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentHash } from './artifacts/artifacts.ts';
import { newestJdk } from './artifacts/java.ts';
import { findProgram } from './artifacts/machine.mjs';
import { bareEnvironment, type EngineContext, type EngineDefinition, type EngineLaunch } from './engine.ts';
import { askTcp } from './ports/ask-tcp.ts';
import { run } from './process/run.ts';

const VERSION = '1.47.0';
const FILES = fileURLToPath(new URL('../mongodb/', import.meta.url));

/** mongod where the system has one; else mongo-java-server, a re-implementation of the protocol, made durable (mongodb/README.md). */
export const mongodb: EngineDefinition = {
  name: 'mongodb',
  title: 'MongoDB',
  preferredPort: 4717,
  stopSignal: 'TERM',
  graceMs: 15_000,
  readyDeadlineMs: 60_000,
  prepare: async (context) => {
    const mongod = await findProgram('mongod');
    return mongod === null ? prepareJavaServer(context) : prepareMongod(context, mongod);
  },
};

const prepareMongod = async (context: EngineContext, mongod: string): Promise<EngineLaunch> => {
  const dataDir = join(context.dataDir, 'mongod');
  await mkdir(dataDir, { recursive: true });
  const version = /v([\d.]+)/.exec(await run(mongod, ['--version'], { timeoutMs: 10_000 }))?.[1] ?? '';
  return {
    command: mongod,
    args: [
      '--bind_ip',
      '127.0.0.1',
      '--port',
      String(context.port),
      '--dbpath',
      dataDir,
      '--nounixsocket',
      '--wiredTigerCacheSizeGB',
      '0.25',
      '--quiet',
    ],
    env: bareEnvironment(),
    cwd: context.dataDir,
    url: `mongodb://127.0.0.1:${context.port}`,
    how: `MongoDB ${version} from the system`,
    isReady: () => answersPing(context.port),
  };
};

const prepareJavaServer = async (context: EngineContext): Promise<EngineLaunch> => {
  const jdk = await newestJdk();
  const libs = await context.artifacts.mavenLibraries(`mongo-java-server-${VERSION}`, join(FILES, 'pom.xml'));
  const jars = (await readdir(libs)).filter((file) => file.endsWith('.jar')).sort();
  const classpath = jars.map((jar) => join(libs, jar));
  const sources = (await readdir(FILES)).filter((file) => file.endsWith('.java')).sort();
  const own = await ownJar(context, jdk.home, classpath, sources);
  await mkdir(context.dataDir, { recursive: true });
  const archive = join(context.artifacts.dir, `mongo-java-server-${VERSION}`, `classes-${jdk.version}.jsa`);
  return {
    command: join(jdk.home, 'bin', 'java'),
    args: [
      ...['-Xmx768m', '-Xms32m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:+ExitOnOutOfMemoryError'],
      ...(jdk.major >= 19 ? ['-XX:+AutoCreateSharedArchive', `-XX:SharedArchiveFile=${archive}`] : []),
      ...[
        '-cp',
        [own, ...classpath].join(':'),
        'MongoLocal',
        '--port',
        String(context.port),
        '--data',
        context.dataDir,
      ],
    ],
    env: bareEnvironment(),
    cwd: context.dataDir,
    url: `mongodb://127.0.0.1:${context.port}`,
    how: `mongo-java-server ${VERSION} (a re-implementation of the MongoDB protocol) from Maven Central, on JDK ${jdk.version}`,
    isReady: () => answersPing(context.port),
  };
};

/** Our own classes, compiled once for each state of their sources. */
const ownJar = async (
  context: EngineContext,
  jdkHome: string,
  classpath: readonly string[],
  sources: readonly string[],
): Promise<string> => {
  const files = sources.map((source) => join(FILES, source));
  const folder = await context.artifacts.folder(
    `mongo-local-${await contentHash(files)}`,
    'compiling the MongoDB server',
    async (into) => {
      const classes = join(into, 'classes');
      // 17 is the oldest Java that may run it later.
      await run(
        join(jdkHome, 'bin', 'javac'),
        ['--release', '17', '-nowarn', '-cp', classpath.join(':'), '-d', classes, ...files],
        { timeoutMs: 120_000 },
      );
      await run(join(jdkHome, 'bin', 'jar'), ['cf', join(into, 'mongo-local.jar'), '-C', classes, '.'], {
        timeoutMs: 60_000,
      });
    },
  );
  return join(folder, 'mongo-local.jar');
};

/** OP_MSG `{ ping: 1, $db: 'admin' }`; an answer of any kind means that commands are being served. */
const answersPing = async (port: number): Promise<boolean> => {
  const document = Buffer.concat([
    Buffer.from('\x10ping\0\x01\0\0\0', 'latin1'),
    Buffer.from('\x02$db\0\x06\0\0\0admin\0', 'latin1'),
    Buffer.from('\0', 'latin1'),
  ]);
  const request = Buffer.alloc(16 + 4 + 1 + 4 + document.length);
  let at = request.writeInt32LE(request.length, 0);
  at = request.writeInt32LE(1, at); // request id
  at = request.writeInt32LE(0, at);
  at = request.writeInt32LE(2013, at); // OP_MSG
  at = request.writeUInt32LE(0, at); // flags
  at = request.writeUInt8(0, at); // one body section
  at = request.writeInt32LE(document.length + 4, at);
  document.copy(request, at);
  const answer = await askTcp(port, request, (bytes) => bytes.length >= 4 && bytes.length >= bytes.readInt32LE(0));
  return answer.includes(Buffer.from('\x01ok\0', 'latin1'));
};
