import type { Logger } from './logger.ts';

const DEADLINE_MS = 10_000;

/**
 * Ends the process in order on SIGTERM and SIGINT: exit 0 once `stop` is done, 1 when it takes longer than ten seconds.
 * An exception that nobody caught ends it, too: what is left of such a process cannot be trusted, and another takes over.
 */
export function onShutdown(logger: Logger, stop: () => Promise<void>): void {
  let stopping = false;
  const end = (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'draining');
    setTimeout(() => {
      logger.error({}, 'could not drain in time');
      process.exit(1);
    }, DEADLINE_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'draining failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'an exception that nobody caught');
    process.exit(1);
  });
  process.on('unhandledRejection', (error) => {
    logger.fatal({ err: error }, 'a rejection that nobody caught');
    process.exit(1);
  });
}
