// The bench's tables, as Markdown: ratios first, for absolute figures are this machine's.
import type { Compared } from './answers.ts';
import type { Gateway } from './gateways/list.ts';
import { QUESTIONS, type Question } from './graph/queries.ts';
import { type LoadKind, middle, type Sample } from './measure.ts';

export interface Row {
  readonly gateway: Gateway;
  readonly question: Question['name'];
  readonly load: LoadKind;
  readonly processes: number;
  readonly samples: readonly Sample[];
}

const HEAD = [
  'gateway',
  '÷ @apollo/gateway',
  '÷ best Node peer',
  'requests a second',
  'p50 ms',
  'p99 ms',
  'CPU ms a request',
  "@apollo/gateway's CPU ÷",
  'load and subgraphs busy',
];

const isNodePeer = ({ kind }: Gateway): boolean => !['ours', 'before', 'native'].includes(kind);

const digits = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

function table(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const [head = [], ...body] = rows;
  console.log(line(head));
  console.log(
    `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`,
  );
  for (const row of body) console.log(line(row));
}

export function reportAnswers(compared: readonly Compared[]): void {
  console.log('\nThe answers, beside those of @apollo/gateway (all pages; a newline at the end does not count)\n');
  const names = [...new Set(compared.map(({ gateway }) => gateway.name))];
  const likenessOf = (name: string, question: string) =>
    compared.find((one) => one.gateway.name === name && one.question === question)?.likeness ?? 'not asked';
  table([
    ['gateway', ...QUESTIONS.map(({ name }) => name)],
    ...names.map((name) => [name, ...QUESTIONS.map((question) => likenessOf(name, question.name))]),
  ]);
  for (const { gateway, question, difference } of compared) {
    if (difference !== null) console.log(`\n${gateway.name}, ${question}: ${difference}`);
  }
}

export function reportLoad(rows: readonly Row[], title: string): void {
  console.log(`\n### ${title}\n`);
  const middles = new Map(rows.map((row) => [row, middle(row.samples)]));
  const rateOf = (of: (gateway: Gateway) => boolean) =>
    Math.max(0, ...rows.filter(({ gateway }) => of(gateway)).map((row) => middles.get(row)?.aSecond ?? 0));
  const apollo = rateOf(({ kind }) => kind === 'apollo');
  const apolloCpuMs = [...middles].find(([{ gateway }]) => gateway.kind === 'apollo')?.[1].cpuMs ?? Number.NaN;
  const best = rateOf((gateway) => isNodePeer(gateway) && !gateway.isSharing);
  const sharedBest = rateOf(isNodePeer);
  table([
    HEAD,
    ...rows.map((row) => {
      const { aSecond, p50Ms, p99Ms, cpuMs, besideBusy } = middles.get(row) ?? middle(row.samples);
      const ratio = (to: number) => (to === 0 ? '' : (aSecond / to).toFixed(2));
      return [
        row.gateway.name,
        ratio(apollo),
        ratio(row.gateway.isSharing ? sharedBest : best),
        digits(aSecond),
        digits(p50Ms),
        digits(p99Ms),
        cpuMs.toFixed(3),
        (apolloCpuMs / cpuMs).toFixed(2),
        `${(besideBusy * 100).toFixed(0)}%`,
      ];
    }),
  ]);
}

/** Ours beside the best Node peer and the native one, sharing off in all or on in all: the goals are 2, no more than 1, and 0.8. */
export function reportGoals(rows: readonly Row[]): void {
  const groups = Map.groupBy(rows, (row) => `${row.question}, ${row.load}, ${row.processes} × ours`);
  const lines = [...groups].flatMap(([name, group]) =>
    [false, true].flatMap((isSharing) => {
      const alike = group.filter(({ gateway }) => gateway.isSharing === isSharing);
      const of = (is: (gateway: Gateway) => boolean) =>
        alike
          .filter(({ gateway }) => is(gateway))
          .map(({ samples }) => middle(samples))
          .sort((a, b) => b.aSecond - a.aSecond)[0];
      const ours = of(({ kind }) => kind === 'ours');
      if (ours === undefined) return [];
      const peer = of(isNodePeer);
      const native = of(({ kind }) => kind === 'native');
      const ratio = (read: (sample: Sample) => number, to: Sample | undefined) =>
        to === undefined ? '' : (read(ours) / read(to)).toFixed(2);
      return [
        [
          `${name}${isSharing ? ', sharing' : ''}`,
          ratio(({ aSecond }) => aSecond, peer),
          ratio(({ p99Ms }) => p99Ms, peer),
          ratio(({ aSecond }) => aSecond, native),
        ],
      ];
    }),
  );
  console.log('\n### Ours beside the best\n');
  table([['', '÷ best Node peer', 'p99 ÷ its p99', '÷ hive-router, native'], ...lines]);
}

/** What failed, for the exit code and for the reader. */
export function reportFailures(rows: readonly Row[]): number {
  let failures = 0;
  for (const { gateway, question, load, samples } of rows) {
    const { failed, failure } = middle(samples);
    if (failed === 0) continue;
    failures += failed;
    console.log(`\n${gateway.name}, ${question}, ${load}: ${failed} failed, the first with ${failure ?? 'nothing'}`);
  }
  return failures;
}
