import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { ROOT, subgraphNames } from '../repo/paths.ts';

const MAX_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 70;
const MAX_MAIN_LINES = 20;

/** What may be beyond, and why. An entry that is no longer needed fails as well. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'packages/engines/src/process/data-dir-lock.ts: data':
    'a data directory is what PostgreSQL, MongoDB and Kafka call it themselves',
  'packages/engines/src/running-engine.ts: startEngine': 'one state machine whose steps share its state',
  'router/tests/fixture-graph.ts: startFixtureGraph': 'three subgraphs of a fixture, side by side',
  'subgraphs/cart/tests/shop.ts: openShop': 'wires a whole service for its component tests',
  'subgraphs/orders/tests/shop.ts: openShop': 'wires a whole service and its neighbours for its component tests',
  'subgraphs/payments/tests/stage.ts: openStage': 'wires a whole service and its provider for its component tests',
};

const FORBIDDEN_NAMES =
  /(?:^|[._-])(items?|baskets?|customers?|managers?|helpers?|utils?|common|data|infos?|handles?)(?=[._-]|$)/i;

/** Paths that exist on one machine only, and hosts that packages are fetched from: the lockfile and the clients' own settings decide those. */
const MACHINES_OWN = [
  String.raw`(?<![\w.])\/(?:home|Users)\/\w+`,
  String.raw`(?<![\w.*])\/(?:root|work|workspace|mnt)\/[\w.]`,
  String.raw`[A-Z]:\\\\?Users\\`,
  String.raw`\bregistry\.(?:[a-z0-9-]+\.)+(?:org|com|net|io|dev)\b`,
  String.raw`\brepo1?\.maven\.`,
  String.raw`\b(?:artifactory|verdaccio|jfrog)\b`,
];
const MACHINES = new RegExp(MACHINES_OWN.join('|'));

const ROOMS = [
  'README.md',
  'schema.graphql',
  'src/main.ts',
  'src/app.ts',
  'src/config.ts',
  'src/refusals.ts',
  'src/api',
  'src/commands',
  'src/queries',
  'src/domain',
  'src/store',
  'tests',
];

/** What is committed or about to be. A checkout that belongs to somebody else is judged as well, which git refuses by itself. */
const tree = execFileSync(
  'git',
  ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
  { cwd: ROOT, encoding: 'utf8', timeout: 10_000, maxBuffer: 16 * 1024 * 1024 },
)
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(ROOT, file)));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const linesOf = (text: string) => text.trimEnd().split('\n').length;
const sources = tree.filter((file) => /\.m?ts$/.test(file));

const tooLong = () =>
  sources.flatMap((file) => {
    const lines = linesOf(read(file));
    return lines > MAX_FILE_LINES ? [`${file}: ${lines} lines`] : [];
  });

/** Named functions and methods. A test's `describe` is a list, not a function that one has to hold in mind. */
const longFunctions = () =>
  sources.flatMap((file) => {
    const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
    const lineAt = (position: number) => source.getLineAndCharacterOfPosition(position).line;
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node) && lineAt(node.end) - lineAt(node.getStart(source)) >= MAX_FUNCTION_LINES) {
        const named =
          ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent) ? node.parent : node;
        if (named.name !== undefined) found.push(`${file}: ${named.name.getText(source)}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });

const badlyNamed = () =>
  tree.flatMap((file) => {
    const word = FORBIDDEN_NAMES.exec(basename(file))?.[1];
    return word === undefined ? [] : [`${file}: ${word.toLowerCase()}`];
  });

const boundToMachines = () =>
  tree.flatMap((file) => {
    if (/(tidy\.test\.ts|\.webp)$/.test(file) || statSync(join(ROOT, file)).isDirectory()) return [];
    return read(file)
      .split('\n')
      .flatMap((line, index) => (MACHINES.test(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 120)}`] : []));
  });

describe('the tree', () => {
  test('holds nothing beyond the limits but what has a reason', () => {
    const beyond = [...tooLong(), ...longFunctions(), ...badlyNamed()];
    expect(beyond.filter((one) => !(one in EXCEPTIONS))).toEqual([]);
    expect(Object.keys(EXCEPTIONS).filter((one) => !beyond.includes(one))).toEqual([]);
  });

  test('names no path of one machine and no registry', () => {
    expect(boundToMachines()).toEqual([]);
  });

  test('has a lockfile that any registry can serve', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved": *"(?:https?|git)/);
  });

  test('keeps what is generated out of git', () => {
    expect(tree.filter((file) => /(^|\/)(generated|node_modules|\.ebuy|\.turbo)\//.test(file))).toEqual([]);
  });
});

/** Where a service's settings are read, and the README that says so. What all read is in the runtime's. */
const SETTINGS = [
  ...subgraphNames().map((name) => [`subgraphs/${name}/src/config.ts`, `subgraphs/${name}/README.md`] as const),
  ['subgraphs/payments/sandbox/settings.ts', 'subgraphs/payments/README.md'],
  ['router/src/config.ts', 'router/README.md'],
  ['packages/runtime/src/settings.ts', 'packages/runtime/README.md'],
] as const;

test.each(SETTINGS)('every setting of %s is in %s', (source, readme) => {
  const variables = [...read(source).matchAll(/\[\s*'([A-Z][A-Z0-9_]+)'/g)].map(([, variable]) => variable ?? '');
  expect(variables).not.toEqual([]);
  expect(variables.filter((variable) => !new RegExp(`\\b${variable}\\b`).test(read(readme)))).toEqual([]);
});

describe.each(subgraphNames())('%s', (name) => {
  test('has the rooms that every subgraph has', () => {
    const folder = `subgraphs/${name}/`;
    const own = tree.filter((file) => file.startsWith(folder)).map((file) => file.slice(folder.length));
    expect(ROOMS.filter((room) => !own.some((file) => file === room || file.startsWith(`${room}/`)))).toEqual([]);
  });

  test('starts from a main that only starts', () => {
    expect(linesOf(read(`subgraphs/${name}/src/main.ts`))).toBeLessThanOrEqual(MAX_MAIN_LINES);
  });
});
