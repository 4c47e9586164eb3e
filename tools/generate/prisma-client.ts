import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../repo/paths.ts';

/**
 * `prisma generate` needs no schema engine, but refuses to run without the path of one and would download it.
 * Node's own path satisfies the check. For this child only: anything else that is told to use it would do nothing and say it went well.
 */
export const generatePrismaClient = async (subgraph: string): Promise<void> => {
  const schema = join(ROOT, 'subgraphs', subgraph, 'prisma', 'schema.prisma');
  await rm(join(ROOT, 'subgraphs', subgraph, 'src', 'generated', 'prisma'), { recursive: true, force: true });
  const cli = join(ROOT, 'node_modules', 'prisma', 'build', 'index.js');
  await new Promise<void>((resolve, reject) => {
    execFile(
      process.execPath,
      [cli, 'generate', `--schema=${schema}`],
      {
        cwd: join(ROOT, 'subgraphs', subgraph),
        timeout: 120_000,
        env: {
          ...process.env,
          PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
          PRISMA_HIDE_UPDATE_MESSAGE: '1',
          CHECKPOINT_DISABLE: '1',
          // The generator reads no database; a config file that insists on a URL gets one.
          DATABASE_URL: process.env.DATABASE_URL ?? 'postgresql://127.0.0.1:1/none',
        },
      },
      (error, stdout, stderr) => {
        if (error === null) resolve();
        else reject(new Error(`prisma generate failed for ${subgraph}:\n${stdout}${stderr}`.trim()));
      },
    );
  });
};
