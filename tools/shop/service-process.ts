import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Supervised, supervise } from '@ebuy/engines';
import { request } from 'undici';
import { ROOT } from '../repo/paths.ts';

/** Services drain within ten seconds. */
const GRACE_MS = 12_000;
const READY_DEADLINE_MS = 60_000;
const PROBE_INTERVAL_MS = 50;
const PROBE_TIMEOUT_MS = 3_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** After this long a crash is a new one, not the last one again. */
const HEALTHY_AFTER_MS = 30_000;

export interface ServiceOptions {
  /** `orders`, or `orders-2` for a second replica. */
  readonly name: string;
  readonly main: string;
  readonly env: NodeJS.ProcessEnv;
  readonly port: number;
  readonly adminPort: number;
  readonly logFile: string;
  readonly onCrash: (message: string) => void;
  /** Its process is there (not yet ready): its id has changed. */
  readonly onStarted: () => void;
}

/** One service of the shop as a process of its own, which cannot outlive us and comes back when it crashes. */
export interface RunningService {
  readonly name: string;
  readonly url: string;
  readonly adminUrl: string;
  readonly logFile: string;
  /** Null while it is down. */
  readonly pid: number | null;
  /** Resolves when `/readyz` says yes; rejects with the end of its log when it does not within a minute. */
  ready(): Promise<void>;
  /** Asks it to drain and waits until it has. It stays down. */
  stop(): Promise<void>;
  /** SIGKILL. It stays down until `restart`. */
  kill(): Promise<void>;
  /** Stops it if it runs, starts it again with further settings if given, and waits until it is ready. */
  restart(extra?: Readonly<Record<string, string>>): Promise<void>;
}

export const startService = async (options: ServiceOptions): Promise<RunningService> => {
  let env = options.env;
  let current: Supervised;
  let isWanted = true;
  let pause = FIRST_PAUSE_MS;
  let pauses = new AbortController();
  let bringing: Promise<void> = Promise.resolve();

  const launch = async (): Promise<void> => {
    const startedAt = performance.now();
    const process = await supervise({
      name: `ebuy-${options.name}`,
      command: globalThis.process.execPath,
      args: [options.main],
      env,
      cwd: ROOT,
      logFile: options.logFile,
      stopSignal: 'TERM',
      graceMs: GRACE_MS,
    });
    current = process;
    options.onStarted();
    void process.exited.then((code) => {
      if (!isWanted || current !== process) return;
      if (performance.now() - startedAt > HEALTHY_AFTER_MS) pause = FIRST_PAUSE_MS;
      options.onCrash(
        `${options.name} ended by itself with exit code ${code}; starting it again. Its log: ${options.logFile}`,
      );
      bringing = bringBack();
    });
  };
  const bringBack = async (): Promise<void> => {
    await sleep(pause, undefined, { signal: pauses.signal }).catch(() => undefined);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    if (isWanted) await launch();
  };

  const end = async (how: 'stop' | 'kill'): Promise<void> => {
    isWanted = false;
    pauses.abort();
    // One that is just coming back is the one to end.
    await bringing;
    await current[how]();
  };
  const adminUrl = `http://127.0.0.1:${options.adminPort}`;
  await launch();
  return {
    name: options.name,
    url: `http://127.0.0.1:${options.port}`,
    adminUrl,
    logFile: options.logFile,
    get pid() {
      return current.hasExited() ? null : current.pid;
    },
    ready: () => waitUntilReady(options.name, adminUrl, options.logFile, () => current.hasExited()),
    stop: () => end('stop'),
    kill: () => end('kill'),
    restart: async (extra) => {
      await end('stop');
      env = { ...env, ...extra };
      isWanted = true;
      pauses = new AbortController();
      await launch();
      await waitUntilReady(options.name, adminUrl, options.logFile, () => current.hasExited());
    },
  };
};

/** What `/readyz` says; null when nobody answers. Not by `fetch`, which refuses some ports, 4190 (the sandbox's) among them, because mail once lived there. */
export const askReadiness = async (adminUrl: string): Promise<{ status: number; text: string } | null> => {
  try {
    const answer = await request(`${adminUrl}/readyz`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    return { status: answer.statusCode, text: await answer.body.text() };
  } catch {
    return null;
  }
};

export const isReady = async (adminUrl: string): Promise<boolean> => (await askReadiness(adminUrl))?.status === 200;

const waitUntilReady = async (
  name: string,
  adminUrl: string,
  logFile: string,
  hasExited: () => boolean,
): Promise<void> => {
  const deadline = performance.now() + READY_DEADLINE_MS;
  while (performance.now() < deadline) {
    if (await isReady(adminUrl)) return;
    if (hasExited()) throw new Error(`${name} ended while it was starting. ${await tail(logFile)}`);
    await sleep(PROBE_INTERVAL_MS);
  }
  const answer = (await askReadiness(adminUrl))?.text ?? 'nothing';
  throw new Error(
    `${name} was not ready after ${READY_DEADLINE_MS / 1000} s; ${adminUrl}/readyz says ${answer}. ${await tail(logFile)}`,
  );
};

const tail = async (file: string): Promise<string> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  return `Its log, ${file}, ends with:\n${text.trimEnd().split('\n').slice(-8).join('\n')}`;
};
