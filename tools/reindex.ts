// `npm run reindex [-- --from-topic] [--data DIR]`: a new version of the search index in place of the old one, while the running shop serves.
import { parseArgs } from 'node:util';
import { STATE_DIR } from './repo/paths.ts';
import { runBeside } from './shop/run-beside.ts';

const { values } = parseArgs({
  options: { data: { type: 'string', default: STATE_DIR }, 'from-topic': { type: 'boolean', default: false } },
});
const args = values['from-topic'] ? ['--from-topic'] : [];
const code = await runBeside(values.data, 'search', 'subgraphs/search/src/reindex.ts', args);
if (code === null) console.error('No shop runs here. Start one: npm start');
process.exitCode = code ?? 1;
