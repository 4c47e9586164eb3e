import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fingerprint, makeWhenChanged } from '../generate/fingerprint.ts';
import { ROOT, STATE_DIR, subgraphNames } from '../repo/paths.ts';

const COMPOSE_TIMEOUT_MS = 60_000;

/** Composes the supergraph when a schema changed since the last time. */
export const composeWhenChanged = async (): Promise<'made' | 'unchanged'> => {
  const schemas = subgraphNames().map((name) => join(ROOT, 'subgraphs', name, 'schema.graphql'));
  const operations = (await readdir(join(ROOT, 'schema', 'operations'))).filter((file) => file.endsWith('.graphql'));
  const sources = [
    join(ROOT, 'schema', 'shared.graphql'),
    ...schemas.filter((file) => existsSync(file)),
    ...operations.map((file) => join(ROOT, 'schema', 'operations', file)),
    join(ROOT, 'schema', 'src', 'compose.ts'),
  ];
  const output = join(ROOT, 'schema', 'supergraph.graphql');
  return makeWhenChanged(
    { output, stamp: join(STATE_DIR, 'generate', 'supergraph'), fingerprint: await fingerprint([...sources, output]) },
    async () => {
      await compose();
    },
  );
};

const compose = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const script = join(ROOT, 'schema', 'src', 'compose-main.ts');
    execFile(process.execPath, [script], { cwd: ROOT, timeout: COMPOSE_TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`The supergraph does not compose:\n${stdout}${stderr}`.trimEnd()));
    });
  });
