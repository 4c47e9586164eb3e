import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeWhenChanged } from './artifacts/artifacts.ts';
import { newestJdk } from './artifacts/java.ts';
import type { Jdk } from './artifacts/machine.mjs';
import { bareEnvironment, type EngineContext, type EngineDefinition } from './engine.ts';
import { askTcp } from './ports/ask-tcp.ts';
import { run } from './process/run.ts';

const VERSION = '4.3.1';
const FILES = fileURLToPath(new URL('../kafka/', import.meta.url));
/** Any id will do for a cluster of one; the same for all, since a data directory has its own. */
const CLUSTER_ID = 'ZWJ1eS1zaG9wLWxvY2FsMQ';

export const kafka: EngineDefinition = {
  name: 'kafka',
  title: 'Kafka',
  preferredPort: 4792,
  stopSignal: 'TERM',
  graceMs: 15_000,
  readyDeadlineMs: 90_000,
  prepare: async (context) => {
    const jdk = await newestJdk();
    const libs = await context.artifacts.mavenLibraries(`kafka-${VERSION}`, join(FILES, 'pom.xml'));
    const properties = join(context.dataDir, 'server.properties');
    const controllerPort = await context.choosePort('controller');
    await writeWhenChanged(properties, await serverProperties(context, controllerPort));
    const java = await javaCommand(context, jdk, libs);
    if (!existsSync(join(context.dataDir, 'log', 'meta.properties'))) await format(context, java, properties);
    return {
      command: java.command,
      args: [...java.args, 'kafka.Kafka', properties],
      env: bareEnvironment(),
      cwd: context.dataDir,
      url: `127.0.0.1:${context.port}`,
      how: `Kafka ${VERSION} from Maven Central, on JDK ${jdk.version}`,
      isReady: () => hasBroker(context.port),
    };
  },
};

const serverProperties = async (context: EngineContext, controllerPort: number): Promise<string> => {
  const template = await readFile(join(FILES, 'server.properties'), 'utf8');
  return template
    .replaceAll('@PORT@', String(context.port))
    .replaceAll('@CONTROLLER_PORT@', String(controllerPort))
    .replaceAll('@DATA@', join(context.dataDir, 'log'));
};

const javaCommand = async (
  context: EngineContext,
  jdk: Jdk,
  libs: string,
): Promise<{ command: string; args: string[] }> => {
  const jars = (await readdir(libs)).filter((file) => file.endsWith('.jar')).sort();
  // An archive of loaded classes, written when the process ends and read by the next start: a third of the CPU of a start. From JDK 19 on.
  const archive = join(context.artifacts.dir, `kafka-${VERSION}`, `classes-${jdk.version}.jsa`);
  return {
    command: join(jdk.home, 'bin', 'java'),
    args: [
      ...['-Xmx256m', '-Xms64m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:+ExitOnOutOfMemoryError'],
      ...(jdk.major >= 19 ? ['-XX:+AutoCreateSharedArchive', `-XX:SharedArchiveFile=${archive}`] : []),
      `-Dlog4j2.configurationFile=${join(FILES, 'log4j2.properties')}`,
      '-Dlog4j2.disable.jmx=true',
      '-cp',
      jars.map((jar) => join(libs, jar)).join(':'),
    ],
  };
};

const format = async (
  context: EngineContext,
  java: { command: string; args: string[] },
  properties: string,
): Promise<void> => {
  context.preparing('creating the Kafka data directory');
  await mkdir(join(context.dataDir, 'log'), { recursive: true });
  try {
    await run(
      java.command,
      [...java.args, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties, '--ignore-formatted'],
      {
        cwd: context.dataDir,
        env: bareEnvironment(),
        timeoutMs: 120_000,
      },
    );
  } catch (error) {
    await rm(join(context.dataDir, 'log'), { recursive: true, force: true });
    throw error;
  }
};

/** A Metadata request (version 4, no topics) asks who the brokers are; one that has not joined its own cluster yet answers with none. */
const hasBroker = async (port: number): Promise<boolean> => {
  const clientId = Buffer.from('ebuy-ready');
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + clientId.length + 4 + 1);
  let at = request.writeInt32BE(request.length - 4, 0);
  at = request.writeInt16BE(3, at); // Metadata
  at = request.writeInt16BE(4, at);
  at = request.writeInt32BE(1, at); // correlation id
  at = request.writeInt16BE(clientId.length, at);
  at += clientId.copy(request, at);
  request.writeInt32BE(0, at); // no topics; the last byte stays 0: create none
  const answer = await askTcp(port, request, (bytes) => bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0));
  const brokers = answer.readInt32BE(4 + 4 + 4); // after size, correlation id, throttle time
  return brokers > 0;
};
