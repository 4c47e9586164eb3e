// Several processes of one program behind one port, by node:cluster: `cluster-main.ts <processes> <program>`. They end together.
import cluster from 'node:cluster';

const [processes, program] = process.argv.slice(2);
cluster.setupPrimary({ exec: String(program), args: [] });
for (let started = 0; started < Number(processes); started += 1) cluster.fork();

let isEnding = false;
process.on('SIGTERM', () => {
  isEnding = true;
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
});
cluster.on('exit', () => {
  if (!isEnding) process.exit(1);
  if (Object.keys(cluster.workers ?? {}).length === 0) process.exit(0);
});
