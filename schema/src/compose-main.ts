import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { judgeOperations, pendingUrl, printPending } from './check.ts';
import { CompositionRefused, composeSupergraph, toApiSchema } from './compose.ts';
import { listSubgraphs, supergraphUrl } from './index.ts';

try {
  const supergraph = composeSupergraph();
  const verdicts = judgeOperations(toApiSchema(supergraph));
  const changed = [writeIfChanged(supergraphUrl, supergraph), writeIfChanged(pendingUrl, printPending(verdicts))];
  const served = verdicts.filter(({ missing }) => missing.length === 0).length;
  process.stdout.write(
    `${listSubgraphs().join(', ')}: ${changed.includes(true) ? 'supergraph.graphql written' : 'nothing changed'}; ` +
      `${served} of ${verdicts.length} client operations are served.\n`,
  );
} catch (error) {
  if (!(error instanceof CompositionRefused)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function writeIfChanged(url: URL, text: string): boolean {
  if (existsSync(url) && readFileSync(url, 'utf8') === text) return false;
  writeFileSync(url, text);
  return true;
}
