import { createLogger, InvalidSettings, onShutdown } from '@ebuy/runtime';
import { startRouter } from './app.ts';
import { readConfig } from './config.ts';

const logger = createLogger('router');
try {
  const router = await startRouter(readConfig());
  onShutdown(logger, () => router.stop());
  process.on('SIGHUP', () => void router.reload());
} catch (error) {
  if (error instanceof InvalidSettings) logger.fatal(error.message);
  else logger.fatal({ err: error }, 'could not start');
  process.exit(1);
}
