// `npm run rebuild -- catalog [--data DIR]`: makes a read model anew from the topics, while the running shop serves.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, STATE_DIR, subgraphNames } from './repo/paths.ts';
import { runBeside } from './shop/run-beside.ts';
import { SERVICE_NAMES, type ServiceName } from './shop/topology.ts';

const mainOf = (service: string): string => join('subgraphs', service, 'src', 'rebuild.ts');

/** Read models: the subgraphs that say how they are made anew. */
const rebuildable = (): ServiceName[] =>
  SERVICE_NAMES.filter((name) => subgraphNames().includes(name) && existsSync(join(ROOT, mainOf(name))));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { data: { type: 'string', default: STATE_DIR } },
});
const service = rebuildable().find((name) => name === positionals[0]);
if (service === undefined) {
  console.error(`Say which read model: ${rebuildable().join(', ')}.`);
  process.exitCode = 2;
} else {
  const code = await runBeside(values.data, service, mainOf(service));
  if (code === null) console.error('No shop runs here. Start one: npm start');
  process.exitCode = code ?? 1;
}
