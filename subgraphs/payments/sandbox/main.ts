import {
  close,
  createLogger,
  createMetrics,
  InvalidSettings,
  listen,
  onShutdown,
  portOf,
  startAdmin,
} from '@ebuy/runtime';
import { startClock } from './clock.ts';
import { openDatabase } from './database.ts';
import { createSandboxServer } from './server.ts';
import { readSandboxSettings } from './settings.ts';

const logger = createLogger('payments-sandbox', process.env.LOG_LEVEL ?? 'info');
try {
  const settings = readSandboxSettings();
  const database = await openDatabase(settings.databaseUrl);
  let publicUrl = settings.publicUrl?.replace(/\/+$/, '') ?? '';
  const terms = () => ({ publicUrl, authorizationSeconds: settings.authorizationSeconds });
  const clock = startClock({ database, webhooks: settings, terms, logger });
  const server = createSandboxServer({ database, apiKey: settings.apiKey, terms, logger, wake: clock.wake });
  await listen(server, settings.host, settings.port);
  publicUrl ||= `http://${settings.host}:${portOf(server)}`;
  const admin = await startAdmin({
    host: settings.host,
    port: settings.adminPort,
    checks: { postgresql: () => database.query('SELECT 1') },
    metrics: createMetrics('payments-sandbox'),
  });
  logger.info({ port: portOf(server) }, 'the sandbox provider is served');
  onShutdown(logger, async () => {
    admin.drain();
    await close(server);
    await clock.stop();
    await database.end();
    await admin.close();
  });
} catch (error) {
  if (error instanceof InvalidSettings) logger.fatal(error.message);
  else logger.fatal({ err: error }, 'could not start');
  process.exit(1);
}
