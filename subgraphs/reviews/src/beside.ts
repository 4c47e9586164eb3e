/** What the commands beside the service share: a process of its own with the service's store, which tells how it goes on stdout. */
import { createLogger, InvalidSettings } from '@ebuy/runtime';
import type { Needs } from './commands/needs.ts';
import { readStoreConfig } from './config.ts';
import { openStore } from './store/index.ts';

/** A JSON object a line. */
type Tell = (line: object) => void;

/** The exit code is 0 when `work` says that all went well. Events leave through the running service, which finds them by itself. */
export async function runBeside(name: string, work: (needs: Needs, tell: Tell) => Promise<boolean>): Promise<void> {
  const logger = createLogger(name, 'warn');
  const tell: Tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
  try {
    const store = await openStore(readStoreConfig().mongodbUrl, logger, () => undefined);
    try {
      process.exitCode = (await work({ store, now: () => new Date(), logger }, tell)) ? 0 : 1;
    } finally {
      await store.close();
    }
  } catch (error) {
    if (error instanceof InvalidSettings) logger.fatal(error.message);
    else logger.fatal({ err: error }, 'not done');
    process.exitCode = 1;
  }
}
