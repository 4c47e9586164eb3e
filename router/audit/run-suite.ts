import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { testKey } from '@ebuy/testing';
import { type RunningRouter, startRouter } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import type { AuditCase, Suite } from './suites.ts';

/** A case that was not answered as the audit expects. */
export interface FailedCase {
  /** `requires-with-argument 2`: the audit counts from 0. */
  readonly name: string;
  readonly query: string;
  readonly expected: unknown;
  /** What the router answered, or why it could not. */
  readonly got: unknown;
}

/** Nobody listens there: what the router needs besides the graph is asked by none of the cases. */
const NOWHERE = '127.0.0.1:9';
const CASE_TIMEOUT_MS = 10_000;

/** Asks every case of a suite, one after another, as a client of a real router over that suite's supergraph. */
export async function runSuite(suite: Suite): Promise<FailedCase[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ebuy-federation-audit-suite-'));
  const clean = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', clean);
  try {
    const router = await startRouter(settingsFor(suite, folder));
    try {
      return await askAll(suite, router);
    } finally {
      await router.stop();
    }
  } catch (error) {
    return suite.cases.map(({ query, expected }, index) => ({
      name: `${suite.id} ${index}`,
      query,
      expected,
      got: `no router: ${String(error)}`,
    }));
  } finally {
    process.off('exit', clean);
    clean();
  }
}

function settingsFor(suite: Suite, folder: string) {
  const supergraphPath = join(folder, 'supergraph.graphql');
  writeFileSync(supergraphPath, suite.supergraphSdl);
  return readConfig({
    PORT: '0',
    ADMIN_PORT: '0',
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
    SUPERGRAPH_PATH: supergraphPath,
    SUBGRAPH_URLS: JSON.stringify(suite.subgraphUrls),
    IDENTITY_SIGN_KEYS: JSON.stringify(
      Object.fromEntries(Object.keys(suite.subgraphUrls).map((name) => [name, testKey()])),
    ),
    KEYCLOAK_ISSUER: `http://${NOWHERE}/realms/none`,
    REDIS_URL: `redis://${NOWHERE}`,
  });
}

async function askAll(suite: Suite, router: RunningRouter): Promise<FailedCase[]> {
  const failed: FailedCase[] = [];
  for (const [index, { query, expected }] of suite.cases.entries()) {
    const got = await ask(router, query);
    if (!isAsExpected(got, expected)) failed.push({ name: `${suite.id} ${index}`, query, expected, got });
  }
  return failed;
}

async function ask(router: RunningRouter, query: string): Promise<unknown> {
  try {
    const response = await fetch(`http://127.0.0.1:${router.port}/graphql`, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(CASE_TIMEOUT_MS),
    });
    return await response.json();
  } catch (error) {
    return `no answer: ${String(error)}`;
  }
}

/** As the audit itself compares: the data deeply, of the errors only whether there are any, and that only where it says so. */
export function isAsExpected(got: unknown, expected: AuditCase['expected']): boolean {
  if (typeof got !== 'object' || got === null) return false;
  const { data = null, errors } = got as { data?: unknown; errors?: unknown };
  if (!isDeepStrictEqual(data, expected.data ?? null)) return false;
  return expected.errors === undefined || expected.errors === (Array.isArray(errors) && errors.length > 0);
}
