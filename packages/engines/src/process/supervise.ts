import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The supervisor: a POSIX shell of one megabyte between us and the process. Its stdin is a pipe whose other end only we hold. When that
 * closes, because we said stop or because we are gone, even by `kill -9`, a watcher sends the stop signal and, after the deadline, SIGKILL.
 * The watcher is a process of its own, so that it does its duty even when the shell beside it was killed.
 * The supervised process gets /dev/null, the log, the log: no descriptor of ours.
 */
const SUPERVISOR = `
exec 3<&0
signal=$1 grace_tenths=$2
shift 2
"$@" </dev/null >&2 3<&- &
process=$!
echo "pid $process"
(
  while read -r _ <&3; do :; done
  kill -"$signal" "$process" 2>/dev/null
  while [ "$grace_tenths" -gt 0 ] && kill -0 "$process" 2>/dev/null; do
    grace_tenths=$((grace_tenths - 1))
    sleep 0.1
  done
  kill -KILL "$process" 2>/dev/null
) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$process"
code=$?
kill "$watcher" 2>/dev/null
echo "exit $code"
`;

const LOG_LIMIT_BYTES = 20 * 1024 * 1024;
const PID_DEADLINE_MS = 10_000;

export interface SuperviseOptions {
  /** Shown by `ps` as the supervisor's name. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the process: nothing of ours is added. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** stdout and stderr go here, appended; a file beyond 20 MB becomes `<logFile>.1` first. */
  readonly logFile: string;
  /** What asks the process to end in good order: PostgreSQL wants INT (fast shutdown), others TERM. */
  readonly stopSignal: 'TERM' | 'INT';
  /** How long it may take before SIGKILL. */
  readonly graceMs: number;
  /** Another user, where we are root and the process refuses to be. */
  readonly runAs?: { readonly uid: number; readonly gid: number };
}

export interface Supervised {
  readonly pid: number;
  /** The exit code as a shell says it: 128 + signal for one that was killed. Never rejects. */
  readonly exited: Promise<number>;
  readonly hasExited: () => boolean;
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>;
  /** SIGKILL to the process itself. */
  kill(): Promise<void>;
}

const openLog = (file: string): number => {
  mkdirSync(dirname(file), { recursive: true });
  try {
    if (statSync(file).size > LOG_LIMIT_BYTES) renameSync(file, `${file}.1`);
  } catch {
    // no log yet
  }
  return openSync(file, 'a', 0o644);
};

/** Starts a process that cannot outlive us. Resolves with its id; rejects when it could not even be spawned. */
export const supervise = async (options: SuperviseOptions): Promise<Supervised> => {
  const log = openLog(options.logFile);
  const graceTenths = String(Math.max(1, Math.ceil(options.graceMs / 100)));
  let child: ChildProcess;
  try {
    child = spawn(
      '/bin/sh',
      ['-c', SUPERVISOR, options.name, options.stopSignal, graceTenths, options.command, ...options.args],
      {
        cwd: options.cwd,
        env: options.env,
        // A session of its own: Ctrl-C in our terminal reaches us alone, and we decide who ends first.
        detached: true,
        stdio: ['pipe', 'pipe', log],
        ...(options.runAs === undefined ? {} : options.runAs),
      },
    );
  } finally {
    closeSync(log);
  }
  child.stdin?.on('error', () => {
    // The supervisor may be gone before we close the pipe.
  });
  const exited = new Promise<number>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', (code) => resolve(reportedCode ?? code ?? 137));
  });
  let reportedCode: number | null = null;
  let ended = false;
  void exited.then(() => {
    ended = true;
  });
  const pid = await readPid(child, options, (code) => {
    reportedCode = code;
  });
  const stop = async (): Promise<void> => {
    child.stdin?.end();
    await exited;
  };
  const kill = async (): Promise<void> => {
    if (!ended) signalIfAlive(pid);
    await exited;
  };
  return { pid, exited, hasExited: () => ended, stop, kill };
};

const signalIfAlive = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // already gone
  }
};

const readPid = (child: ChildProcess, options: SuperviseOptions, onExit: (code: number) => void): Promise<number> =>
  new Promise((resolve, reject) => {
    let text = '';
    const fail = (why: string): void => reject(new Error(`${options.name} could not be started: ${why}`));
    const timer = setTimeout(() => fail(`no process id within ${PID_DEADLINE_MS} ms`), PID_DEADLINE_MS);
    child.once('error', (error) => {
      clearTimeout(timer);
      fail(error.message);
    });
    child.once('close', () => {
      clearTimeout(timer);
      fail('its supervisor ended at once');
    });
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const pid = /^pid (\d+)$/m.exec(text)?.[1];
      if (pid !== undefined) {
        clearTimeout(timer);
        resolve(Number(pid));
      }
      const code = /^exit (\d+)$/m.exec(text)?.[1];
      if (code !== undefined) onExit(Number(code));
    });
  });
