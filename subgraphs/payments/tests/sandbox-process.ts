/** The sandbox provider as it is run: a process of its own, with a database of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort, openEmptyPostgres, type TestDatabase } from '@ebuy/testing';

const MAIN = fileURLToPath(new URL('../sandbox/main.ts', import.meta.url));

export interface SandboxProcess {
  readonly url: string;
  readonly apiKey: string;
  readonly webhookSecret: string;
  readonly database: TestDatabase;
  /** Starts it, again after a kill. */
  start(webhookUrl: string): Promise<void>;
  /** As a machine does that loses its power. */
  kill(): Promise<void>;
  /** Its books, as a judge asks for them. */
  charges(orderId?: string): Promise<Charges>;
  stop(): Promise<void>;
}

export interface Charges {
  readonly totals: readonly {
    readonly currency: string;
    readonly authorizations: number;
    readonly heldMinor: number;
    readonly capturedMinor: number;
    readonly refundedMinor: number;
  }[];
  readonly paidTwice: number;
}

export async function prepareSandbox(more: Readonly<Record<string, string>> = {}): Promise<SandboxProcess> {
  const database = await openEmptyPostgres('sandbox');
  // Its address is needed before it runs: payments is told first.
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const apiKey = 'sk_sandbox_for_component_tests';
  const webhookSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals) => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  return {
    url,
    apiKey,
    webhookSecret,
    database,
    async start(webhookUrl) {
      child = spawn(process.execPath, [MAIN], {
        stdio: ['ignore', 'inherit', 'inherit'],
        env: {
          PATH: process.env.PATH,
          LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'fatal',
          PORT: String(port),
          ADMIN_PORT: '0',
          DATABASE_URL: database.url,
          SANDBOX_API_KEY: apiKey,
          SANDBOX_WEBHOOK_SECRET: webhookSecret,
          WEBHOOK_URL: webhookUrl,
          ...more,
        },
      });
      const mine = child;
      process.once('exit', () => mine.kill('SIGKILL'));
      await untilReady(`${url}/v1/charges`, apiKey, child);
    },
    kill: () => end('SIGKILL'),
    async charges(orderId) {
      const response = await fetch(`${url}/v1/charges${orderId === undefined ? '' : `?orderId=${orderId}`}`, {
        headers: { authorization: `Bearer ${apiKey}` },
      });
      return (await response.json()) as Charges;
    },
    async stop() {
      await end('SIGTERM');
      await database.drop();
    },
  };
}

async function untilReady(url: string, apiKey: string, child: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    if (child.exitCode !== null) throw new Error(`The sandbox provider ended with ${child.exitCode}`);
    const ready = await fetch(url, { headers: { authorization: `Bearer ${apiKey}` } }).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The sandbox provider was not ready within 60 s');
}
