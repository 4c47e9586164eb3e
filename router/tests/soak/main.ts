import { parseArgs } from 'node:util';
import { soak } from './soak.ts';

/** `npm run soak:router -- --requests 1000000`: whether the router's memory grows with what it has answered. */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    texts: { type: 'string', default: '2000' },
    clients: { type: 'string', default: '16' },
  },
});
const MAX_GROWTH_MB = 5;

const { growthMb, statuses, checkpoints } = await soak({
  requests: Number(values.requests),
  texts: Number(values.texts),
  clients: Number(values.clients),
  checkpoints: 20,
  report: ({ requests, seconds, heapMb, externalMb, rssMb }) =>
    console.log(
      `${requests} requests, ${seconds} s: heap ${heapMb} MB, external ${externalMb} MB, resident ${rssMb} MB`,
    ),
});
const seconds = checkpoints.at(-1)?.seconds ?? 0;
console.log(
  `answers by status: ${JSON.stringify(statuses)}; ${Math.round(Number(values.requests) / seconds)} a second`,
);
console.log(`growth from the second fifth to the last: ${growthMb.toFixed(2)} MB, at most ${MAX_GROWTH_MB} allowed`);
process.exitCode = growthMb <= MAX_GROWTH_MB ? 0 : 1;
