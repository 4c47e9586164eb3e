import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openArtifacts } from './artifacts/artifacts.ts';
import type { EngineProgress, EnginesOptions, RunningEngine } from './contract.ts';
import type { EngineContext, EngineDefinition, EngineLaunch } from './engine.ts';
import type { PortBook } from './ports/choose-port.ts';
import type { DataDirLock } from './process/data-dir-lock.ts';
import { type Supervised, supervise } from './process/supervise.ts';
import { EngineDidNotStart, waitUntilReady } from './process/wait-until-ready.ts';

/** A port can be lost between looking and listening; then another is tried. */
const START_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

interface Started {
  readonly launch: EngineLaunch;
  readonly process: Supervised;
  readonly startedInMs: number;
}

/** Starts one engine and keeps hold of it: stop, kill, restart, and by wish start it again when it ended by itself. */
export const startEngine = async (
  definition: EngineDefinition,
  options: EnginesOptions,
  ports: PortBook,
  lock: DataDirLock,
): Promise<RunningEngine> => {
  let began = performance.now();
  const progress = (kind: EngineProgress['kind'], message: string): void => {
    options.onProgress?.({ engine: definition.name, kind, message, elapsedMs: Math.round(performance.now() - began) });
  };
  const startOnce = (port: number): Promise<Started> => {
    began = performance.now();
    return start(definition, options, lock, contextOf(definition, options, ports, port, progress), progress);
  };

  const { port, started } = await startSomewhere(definition, options, ports, startOnce);
  let current = started;
  let isWanted = true;
  let stopping: Promise<void> | null = null;
  let bringing: Promise<void> = Promise.resolve();
  let pauses = new AbortController();

  const bringBack = async (): Promise<void> => {
    for (let pause = FIRST_PAUSE_MS; isWanted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      await sleep(pause, undefined, { signal: pauses.signal }).catch(() => undefined);
      if (!isWanted) return;
      try {
        current = await startOnce(port);
        if (isWanted) watch(current);
        return;
      } catch (error) {
        progress('exited', error instanceof Error ? error.message : String(error));
      }
    }
  };
  const watch = (one: Started): void => {
    void one.process.exited.then((code) => {
      if (!isWanted || current !== one) return;
      progress(
        'exited',
        `${definition.title} ended by itself with exit code ${code}; its log is ${logFileOf(definition, options)}`,
      );
      if (options.restartCrashed === true) bringing = bringBack();
    });
  };
  watch(current);

  const end = async (how: 'stop' | 'kill'): Promise<void> => {
    isWanted = false;
    pauses.abort();
    // One that is just coming back is the one to end.
    await bringing;
    await current.process[how]();
  };
  return {
    name: definition.name,
    port,
    get url() {
      return current.launch.url;
    },
    get pid() {
      return current.process.hasExited() ? null : current.process.pid;
    },
    get how() {
      return current.launch.how;
    },
    get startedInMs() {
      return current.startedInMs;
    },
    stop: () => {
      stopping ??= end('stop').then(() => progress('stopped', `${definition.title} stopped`));
      return stopping;
    },
    kill: () => end('kill'),
    restart: async () => {
      await end('stop');
      stopping = null;
      current = await startOnce(port);
      isWanted = true;
      pauses = new AbortController();
      watch(current);
    },
  };
};

const logFileOf = (definition: EngineDefinition, options: EnginesOptions): string =>
  join(options.dataDir, 'logs', `${definition.name}.log`);

const start = async (
  definition: EngineDefinition,
  options: EnginesOptions,
  lock: DataDirLock,
  context: EngineContext,
  progress: (kind: EngineProgress['kind'], message: string) => void,
): Promise<Started> => {
  const began = performance.now();
  const launch = await definition.prepare(context);
  progress('starting', `${definition.title} on port ${context.port}`);
  const logFile = logFileOf(definition, options);
  const process = await supervise({
    name: `ebuy-${definition.name}`,
    command: launch.command,
    args: launch.args,
    env: launch.env,
    cwd: launch.cwd,
    logFile,
    stopSignal: definition.stopSignal,
    graceMs: definition.graceMs,
    ...(launch.runAs === undefined ? {} : { runAs: launch.runAs }),
  });
  await lock.add(definition.name, process.pid);
  try {
    await waitUntilReady(
      { title: definition.title, process, logFile, deadlineMs: definition.readyDeadlineMs },
      launch.isReady,
    );
    await launch.afterReady?.();
  } catch (error) {
    await process.stop();
    throw error;
  }
  const startedInMs = Math.round(performance.now() - began);
  progress('ready', `${launch.how}, port ${context.port}`);
  return { launch, process, startedInMs };
};

const contextOf = (
  definition: EngineDefinition,
  options: EnginesOptions,
  ports: PortBook,
  port: number,
  progress: (kind: EngineProgress['kind'], message: string) => void,
): EngineContext => ({
  dataDir: join(options.dataDir, definition.name),
  artifacts: openArtifacts(options.artifactsDir, (message) => progress('fetching', message)),
  port,
  choosePort: (purpose) =>
    ports.choose(`${definition.name}.${purpose}`, options.preferredPorts === 'free' ? null : port + 1),
  options,
  preparing: (message) => progress('preparing', message),
});

const preferredPort = (definition: EngineDefinition, options: EnginesOptions): number | null =>
  options.preferredPorts === 'free' ? null : (options.preferredPorts?.[definition.name] ?? definition.preferredPort);

const startSomewhere = async (
  definition: EngineDefinition,
  options: EnginesOptions,
  ports: PortBook,
  startOnce: (port: number) => Promise<Started>,
): Promise<{ port: number; started: Started }> => {
  const lost: number[] = [];
  for (let attempt = 1; ; attempt++) {
    const port = await ports.choose(definition.name, preferredPort(definition, options), lost);
    try {
      return { port, started: await startOnce(port) };
    } catch (error) {
      const mayBeThePort = error instanceof EngineDidNotStart && error.exitCode !== null;
      if (!mayBeThePort || attempt === START_ATTEMPTS) throw error;
      lost.push(port);
    }
  }
};
