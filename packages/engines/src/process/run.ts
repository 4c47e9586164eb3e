import { execFile } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly runAs?: { readonly uid: number; readonly gid: number };
}

/** Runs a program to its end. Rejects with the last lines it wrote when it fails, is missing or takes too long. */
export const run = (command: string, args: readonly string[], options: RunOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = execFile(
      command,
      [...args],
      {
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        ...(options.env === undefined ? {} : { env: options.env }),
        ...(options.runAs === undefined ? {} : options.runAs),
        timeout: options.timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: 16 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n');
        const why =
          error.killed === true ? `it took longer than ${options.timeoutMs} ms` : error.message.split('\n')[0];
        reject(new Error(`${command} ${args.slice(0, 3).join(' ')} failed: ${why}${said === '' ? '' : `\n${said}`}`));
      },
    );
    child.stdin?.end();
  });
