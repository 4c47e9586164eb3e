/**
 * Health and metrics, on a port of their own that no client reaches:
 * `/livez` (the process runs), `/readyz` (it may be sent traffic), `/metrics` (Prometheus).
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import { collectDefaultMetrics, Registry } from 'prom-client';

const CHECK_DEADLINE_MS = 2_000;

/** Rejects while what it checks is away. */
export type ReadinessCheck = () => Promise<unknown>;

export interface Admin {
  readonly port: number;
  /** From now on `/readyz` says no: called first when a service drains. */
  drain(): void;
  close(): Promise<void>;
}

export function createMetrics(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  return registry;
}

export async function startAdmin(options: {
  readonly host: string;
  readonly port: number;
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** What it can do without: told, but no reason to send the traffic elsewhere. */
  readonly degradedWithout?: Readonly<Record<string, ReadinessCheck>>;
  readonly metrics: Registry;
}): Promise<Admin> {
  let draining = false;
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/livez') return answer(response, 200, 'text/plain', 'ok\n');
    if (path === '/metrics') {
      return void options.metrics.metrics().then((text) => answer(response, 200, options.metrics.contentType, text));
    }
    if (path !== '/readyz')
      return answer(response, 404, 'text/plain', 'There are /livez, /readyz and /metrics here.\n');
    if (draining) return answer(response, 503, 'application/json', JSON.stringify({ ready: false, draining: true }));
    return void readiness(options.checks, options.degradedWithout ?? {}).then((report) =>
      answer(response, report.ready ? 200 : 503, 'application/json', JSON.stringify(report)),
    );
  });
  await listen(server, options.host, options.port);
  return {
    port: portOf(server),
    drain() {
      draining = true;
    },
    close: () => close(server),
  };
}

type Checks = Readonly<Record<string, ReadinessCheck>>;

async function readiness(needed: Checks, degradedWithout: Checks) {
  const [checks, wanted] = await Promise.all([resultsOf(needed), resultsOf(degradedWithout)]);
  return {
    ready: Object.values(checks).every(Boolean),
    degraded: !Object.values(wanted).every(Boolean),
    checks: { ...wanted, ...checks },
  };
}

async function resultsOf(checks: Checks): Promise<Record<string, boolean>> {
  const names = Object.keys(checks);
  const results = await Promise.all(Object.values(checks).map(passes));
  return Object.fromEntries(names.map((name, index) => [name, results[index] === true]));
}

async function passes(check: ReadinessCheck): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, CHECK_DEADLINE_MS, false);
  });
  const result = await Promise.race([
    check().then(
      () => true,
      () => false,
    ),
    deadline,
  ]);
  clearTimeout(timer);
  return result;
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

/** Resolves once the server listens; rejects when it cannot. */
export function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port');
  return address.port;
}

/**
 * Lets requests in hand finish; idle connections are closed at once, and those in use as soon as they are idle: Node itself would
 * keep them open for keepAliveTimeout, long after a draining process should have ended.
 */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    server.close(() => {
      clearInterval(idle);
      resolve();
    });
    server.closeIdleConnections();
  });
}
