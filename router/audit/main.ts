/**
 * `npm run audit -- <path of a checkout of graphql-hive/federation-gateway-audit> [--suite NAME …]`: the router against the public federation
 * audit. The last line is `N of M`, and the exit code is 0 when that is all of them.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type FailedCase, runSuite } from './run-suite.ts';
import { startAuditServer } from './subgraphs.ts';
import { fetchSuite, fetchSuiteNames } from './suites.ts';

const DEADLINE_MS = 10 * 60_000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

export async function audit(checkout: string, wanted: readonly string[]): Promise<boolean> {
  const server = await startAuditServer(checkout, say);
  try {
    const all = await fetchSuiteNames(server.url);
    const unknown = wanted.filter((name) => !all.includes(name));
    if (unknown.length > 0) throw new Error(`The audit has no suite ${unknown.join(', ')}. It has: ${all.join(', ')}`);
    const failures: FailedCase[] = [];
    let count = 0;
    for (const name of wanted.length > 0 ? wanted : all) {
      const suite = await fetchSuite(server.url, name);
      const failed = await runSuite(suite);
      say(`${name.padEnd(36)} ${suite.cases.length - failed.length} of ${suite.cases.length}`);
      failures.push(...failed);
      count += suite.cases.length;
    }
    failures.forEach(report);
    say(`${count - failures.length} of ${count}`);
    return failures.length === 0;
  } finally {
    server.stop();
  }
}

function report({ name, query, expected, got }: FailedCase): void {
  say(
    `\nfailed: ${name}\n${query.trimEnd()}\nexpected: ${JSON.stringify(expected)}\ngot:      ${JSON.stringify(got)}\n`,
  );
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { suite: { type: 'string', multiple: true, default: [] } },
});
const [checkout, ...rest] = positionals;
if (checkout === undefined || rest.length > 0) {
  complain('Say where the audit is: npm run audit -- <path of a checkout of graphql-hive/federation-gateway-audit>');
  process.exit(2);
}
// Whatever ends this process, its exit handlers run: they end what it started.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
process.once('disconnect', () => process.exit(130));
process.channel?.unref();
const deadline = setTimeout(() => {
  complain(`The audit took more than ${DEADLINE_MS / 60_000} minutes and was ended.`);
  process.exit(1);
}, DEADLINE_MS);
try {
  process.exitCode = (await audit(resolve(checkout), values.suite)) ? 0 : 1;
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
} finally {
  clearTimeout(deadline);
}
