import { checkGraph } from './check.ts';

const { problems, remarks } = checkGraph(process.env.SCHEMA_BASE ?? 'HEAD');
for (const remark of remarks) process.stdout.write(`${remark}\n`);
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length === 0) process.stdout.write('The graph is as committed and breaks no client.\n');
process.exitCode = problems.length === 0 ? 0 : 1;
