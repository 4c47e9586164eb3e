// `npm run check`: everything that can be said about the tree without running it. What did not change since it last passed is not asked again (turbo).
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { generate } from './generate.ts';
import { ROOT } from './repo/paths.ts';

const TASKS = ['lint', 'types', 'arrows', 'unused', 'schema:check'];

await generate({ onMade: (name) => console.log(`generated ${name}`) });
const child = spawn(
  process.execPath,
  [
    join(ROOT, 'node_modules', 'turbo', 'bin', 'turbo'),
    'run',
    ...TASKS,
    '--continue',
    '--output-logs=errors-only',
    '--ui=stream',
    ...process.argv.slice(2),
  ],
  { cwd: ROOT, stdio: 'inherit', env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' } },
);
child.on('error', (error) => {
  console.error(`turbo could not be started: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code) => process.exit(code ?? 1));
