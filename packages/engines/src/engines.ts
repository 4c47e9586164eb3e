import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ENGINE_NAMES, type EngineName, type Engines, type EnginesOptions, type RunningEngine } from './contract.ts';
import type { EngineDefinition } from './engine.ts';
import { kafka } from './kafka.ts';
import { keycloak } from './keycloak.ts';
import { mongodb } from './mongodb.ts';
import { opensearch } from './opensearch.ts';
import { openPortBook } from './ports/choose-port.ts';
import { postgresql } from './postgresql.ts';
import { lockDataDir } from './process/data-dir-lock.ts';
import { redis } from './redis.ts';
import { startEngine } from './running-engine.ts';

const DEFINITIONS: Readonly<Record<EngineName, EngineDefinition>> = {
  postgresql,
  mongodb,
  kafka,
  redis,
  opensearch,
  keycloak,
};

/**
 * Starts the engines that no URL is given for, all at once, each as a process of its own that cannot outlive this one.
 * Rejects when one of them does not come up, after stopping the others.
 */
export const startEngines = async (given: EnginesOptions): Promise<Engines> => {
  const options: EnginesOptions = {
    ...given,
    dataDir: resolve(given.dataDir),
    artifactsDir: resolve(given.artifactsDir),
  };
  await mkdir(options.dataDir, { recursive: true });
  const ports = await openPortBook(join(options.dataDir, 'ports.json'));
  const names = options.only ?? ENGINE_NAMES;
  const ours = names.filter((name) => options.urls?.[name] === undefined);
  const lock = await lockDataDir(options.dataDir, ours);
  const outcomes = await Promise.allSettled(
    names.map((name) => {
      const url = options.urls?.[name];
      return url === undefined
        ? startEngine(DEFINITIONS[name], options, ports, lock)
        : Promise.resolve(elsewhere(name, url));
    }),
  );
  const running = outcomes.filter((outcome) => outcome.status === 'fulfilled').map((outcome) => outcome.value);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    await Promise.all(running.map((engine) => engine.stop()));
    await lock.release();
    throw failed.reason;
  }
  let isReleased = false;
  return {
    get: (name) => {
      const engine = running.find((one) => one.name === name);
      if (engine === undefined) throw new Error(`${name} was not started; started are ${names.join(', ')}`);
      return engine;
    },
    list: () => running,
    stop: async () => {
      await Promise.all(running.map((engine) => engine.stop()));
      if (!isReleased) await lock.release();
      isReleased = true;
    },
  };
};

const elsewhere = (name: EngineName, url: string): RunningEngine => {
  const refuse = async (): Promise<void> => {
    throw new Error(`${name} runs elsewhere (${url}): it is not ours to kill or restart`);
  };
  const port = Number(/:(\d+)(?:[/,?]|$)/.exec(url.replace(/^[a-z+]+:\/\//, ''))?.[1] ?? 0);
  return {
    name,
    url,
    port,
    pid: null,
    how: 'given by its URL',
    startedInMs: 0,
    stop: async () => undefined,
    kill: refuse,
    restart: refuse,
  };
};
