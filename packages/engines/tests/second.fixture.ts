// Started by engines.component.test.ts: another process that wants the same data directory.
import { startEngines } from '../src/index.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as Parameters<typeof startEngines>[0];
try {
  await startEngines(options);
  console.error('it started');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
}
process.exit(0);
