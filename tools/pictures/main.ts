import { readdir } from 'node:fs/promises';
import { close, createLogger, createMetrics, listen, onShutdown, portOf, startAdmin } from '@ebuy/runtime';
import { createPictureServer } from './serve.ts';
import { readPictureSettings } from './settings.ts';

const settings = readPictureSettings();
const logger = createLogger('pictures', settings.logLevel);
const server = createPictureServer(settings.folder, (error) => logger.error({ err: error }, 'a picture failed'));
await listen(server, settings.host, settings.port);
const checks = { folder: () => readdir(settings.folder) };
const admin = await startAdmin({ ...settings, port: settings.adminPort, checks, metrics: createMetrics('pictures') });
logger.info({ port: portOf(server) }, 'the pictures are served');
onShutdown(logger, async () => {
  admin.drain();
  await close(server);
  await admin.close();
});
