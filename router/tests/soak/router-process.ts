import { startRouter } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';

/** A router in a process of its own, which tells its port, and what of its memory is in use whenever it is asked. Run with --expose-gc. */
const router = await startRouter(readConfig());
process.send?.({ port: router.port });
process.on('message', async () => {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send?.({ heapUsed, external, rss });
});
process.on('disconnect', () => void router.stop().then(() => process.exit(0)));
