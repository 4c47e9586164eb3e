import { z } from 'zod';

/** What the audit says of a case: without `errors` they may come or not, and no data is the same as null. */
export interface AuditCase {
  readonly query: string;
  readonly expected: { readonly data?: unknown; readonly errors?: boolean | undefined };
}

export interface Suite {
  readonly id: string;
  readonly supergraphSdl: string;
  readonly subgraphUrls: Readonly<Record<string, string>>;
  readonly cases: readonly AuditCase[];
}

const names = z.array(z.string());
const subgraphs = z.array(z.object({ name: z.string(), url: z.url() }));
const cases = z.array(
  z.object({
    query: z.string(),
    expected: z.object({ data: z.unknown().optional(), errors: z.boolean().optional() }),
  }),
);
const TIMEOUT_MS = 30_000;

export const fetchSuiteNames = (auditUrl: string): Promise<string[]> => read(`${auditUrl}/ids`, names);

/** A suite whole: its supergraph as the audit composed it. */
export async function fetchSuite(auditUrl: string, id: string): Promise<Suite> {
  const url = `${auditUrl}/${id}`;
  const [supergraphSdl, services, tests] = await Promise.all([
    readText(`${url}/supergraph`),
    read(`${url}/subgraphs`, subgraphs),
    read(`${url}/tests`, cases),
  ]);
  return {
    id,
    supergraphSdl,
    subgraphUrls: Object.fromEntries(services.map((service) => [service.name, service.url])),
    cases: tests,
  };
}

async function read<Shape>(url: string, shape: z.ZodType<Shape>): Promise<Shape> {
  return shape.parse(JSON.parse(await readText(url)));
}

async function readText(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`The audit answered ${response.status} to ${url}: ${await response.text()}`);
  return response.text();
}
