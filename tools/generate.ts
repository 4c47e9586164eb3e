// `npm run generate [-- subgraph …] [--force]`: Prisma clients and resolver types, for what changed since the last run.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exists, fingerprint, makeWhenChanged } from './generate/fingerprint.ts';
import { generatePrismaClient } from './generate/prisma-client.ts';
import { type CodegenSettings, generateResolverTypes, resolverTypesFile } from './generate/resolver-types.ts';
import { ROOT, STATE_DIR, subgraphNames } from './repo/paths.ts';

const RECIPE_FILES = ['generate.ts', 'generate/prisma-client.ts', 'generate/resolver-types.ts'].map((file) =>
  join(ROOT, 'tools', file),
);
const PRISMA_VERSION_FILE = join(ROOT, 'node_modules', 'prisma', 'package.json');
const CODEGEN_VERSION_FILE = join(ROOT, 'node_modules', '@graphql-codegen', 'typescript-resolvers', 'package.json');

interface Step {
  readonly name: string;
  readonly run: () => Promise<'made' | 'unchanged'>;
}

const prismaStep = async (subgraph: string): Promise<Step | null> => {
  const schema = join(ROOT, 'subgraphs', subgraph, 'prisma', 'schema.prisma');
  if (!(await exists(schema))) return null;
  return {
    name: `${subgraph}: Prisma client`,
    run: async () =>
      makeWhenChanged(
        {
          output: join(ROOT, 'subgraphs', subgraph, 'src', 'generated', 'prisma', 'client.ts'),
          stamp: join(STATE_DIR, 'generate', `${subgraph}.prisma`),
          fingerprint: await fingerprint([schema, PRISMA_VERSION_FILE, ...RECIPE_FILES]),
        },
        () => generatePrismaClient(subgraph),
      ),
  };
};

const resolverTypesStep = async (subgraph: string): Promise<Step | null> => {
  const own = join(ROOT, 'subgraphs', subgraph, 'schema.graphql');
  if (!(await exists(own))) return null;
  const sources = [join(ROOT, 'schema', 'shared.graphql'), own];
  const settingsFile = join(ROOT, 'subgraphs', subgraph, 'codegen.json');
  return {
    name: `${subgraph}: resolver types`,
    run: async () =>
      makeWhenChanged(
        {
          output: resolverTypesFile(subgraph),
          stamp: join(STATE_DIR, 'generate', `${subgraph}.graphql`),
          fingerprint: await fingerprint([...sources, settingsFile, CODEGEN_VERSION_FILE, ...RECIPE_FILES]),
        },
        async () => {
          const settings = JSON.parse(await readFile(settingsFile, 'utf8').catch(() => '{}')) as CodegenSettings;
          await generateResolverTypes(subgraph, sources, settings);
        },
      ),
  };
};

/** Two at a time: a Prisma child uses one core, the code generator another. */
const runSteps = async (steps: readonly Step[], onMade: (name: string, ms: number) => void): Promise<Error[]> => {
  const queue = [...steps];
  const failures: Error[] = [];
  const worker = async (): Promise<void> => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      const from = performance.now();
      try {
        if ((await step.run()) === 'made') onMade(step.name, performance.now() - from);
      } catch (error) {
        failures.push(new Error(`${step.name}: ${error instanceof Error ? error.message : String(error)}`));
      }
    }
  };
  await Promise.all([worker(), worker()]);
  return failures;
};

export interface GenerateOptions {
  readonly only?: readonly string[];
  readonly force?: boolean;
  readonly onMade?: (name: string, ms: number) => void;
}

/** Makes what is missing or out of date, everything even when a part fails; throws at the end with all failures. */
export const generate = async (options: GenerateOptions = {}): Promise<number> => {
  if (options.force === true) await rm(join(STATE_DIR, 'generate'), { recursive: true, force: true });
  const names = subgraphNames().filter((name) => options.only === undefined || options.only.includes(name));
  const steps = (await Promise.all(names.flatMap((name) => [prismaStep(name), resolverTypesStep(name)]))).filter(
    (step) => step !== null,
  );
  let made = 0;
  const failures = await runSteps(steps, (name, ms) => {
    made += 1;
    options.onMade?.(name, ms);
  });
  if (failures.length > 0) throw new AggregateError(failures, failures.map((failure) => failure.message).join('\n\n'));
  return made;
};

if (import.meta.main) {
  const words = process.argv.slice(2);
  const only = words.filter((word) => !word.startsWith('-'));
  const unknown = only.filter((name) => !subgraphNames().includes(name));
  if (unknown.length > 0) {
    console.error(
      `no such subgraph: ${unknown.join(', ')}. There are ${(await readdir(join(ROOT, 'subgraphs'))).join(', ')}.`,
    );
    process.exit(2);
  }
  try {
    const made = await generate({
      ...(only.length > 0 ? { only } : {}),
      force: words.includes('--force'),
      onMade: (name, ms) => console.log(`generated ${name} (${Math.round(ms)} ms)`),
    });
    if (made === 0) console.log('generated code is up to date');
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
