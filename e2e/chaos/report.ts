// What the runs have shown, as lines and as a page. Pure.
import type { KillRecord } from './kills.ts';
import type { RunResult } from './run.ts';

export interface Surroundings {
  readonly command: string;
  /** Node's version. */
  readonly node: string;
  readonly processors: string;
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

/** One line a run. */
export function lineOf(result: RunResult): string {
  const { seed, replicas, acknowledged, orders, kills, repeats, claims, tookMs, spentMs, violations } = result;
  const outcomes = Object.entries(orders).map(([status, count]) => `${count} ${status.toLowerCase()}`);
  const happened = kills.filter((kill) => kill.happened);
  const verdict = violations.length === 0 ? `ok, ${claims} claims hold` : `FAILED: ${violations[0]}`;
  return [
    `seed ${seed} × ${replicas}`,
    `${acknowledged} acknowledged (${outcomes.join(', ')})`,
    happened.map(killed).join('; ') || 'no kill',
    `${repeats} asked again`,
    `${verdict}, ${seconds(tookMs)}: fire ${seconds(spentMs.fire)}, rest ${seconds(spentMs.rest)}, verify ${seconds(spentMs.verdict)}`,
  ].join(' | ');
}

function killed({ kind, target, point, readyMs, orderMs }: KillRecord): string {
  const what = kind === 'freeze' ? `${target} stood still` : point === null ? target : `${target} at ${point}`;
  return `${what} (ready ${readyMs === null ? '–' : seconds(readyMs)}, order ${orderMs === null ? '–' : seconds(orderMs)})`;
}

/** The page of all runs, in Markdown. */
export function pageOf(all: readonly RunResult[], { command, node, processors }: Surroundings): string {
  const results = newest(all);
  const repaired = all.filter((one) => one.violations.length > 0 && !results.includes(one));
  const kills = results.flatMap((result) => result.kills);
  const failed = results.filter(({ violations }) => violations.length > 0);
  const sum = (of: (result: RunResult) => number) => results.reduce((total, result) => total + of(result), 0);
  const outcomes = [...new Set(results.flatMap(({ orders }) => Object.keys(orders)))].sort();
  return `${[
    '# Runs with kills',
    `Made by \`${command}\` on ${processors}; ${[`Node ${node}`, ...new Set(results.flatMap(({ engines }) => engines))].join(', ')}. [How a run goes](../e2e/chaos/README.md). One of them again: \`npm run chaos -- --run SEED --replicas 1\` (or 2).`,
    failed.length === 0
      ? `**${results.length} runs, none failed.** After each, every claim of \`npm run verify\` held, and so did everything that the clients had been told.`
      : `**${failed.length} of ${results.length} runs failed.**`,
    table(
      ['', ...([1, 2] as const).map((count) => (count === 1 ? 'one replica' : 'two replicas')), 'together'],
      [
        ['runs', (list: readonly RunResult[]) => String(list.length)],
        ['code', (list: readonly RunResult[]) => [...new Set(list.map(({ code }) => code))].join(', ') || '–'],
        ['seeds', (list: readonly RunResult[]) => ranges(list.map(({ seed }) => seed))],
        ['orders acknowledged', counted((result) => result.acknowledged)],
        ...outcomes.map((name): Row => [`– ${name}`, counted(({ orders }) => orders[name] ?? 0)]),
        ['requests asked again', counted((result) => result.repeats)],
        ['kills', counted((result) => result.kills.filter(({ happened }) => happened).length)],
        ['compared by verify', counted((result) => result.compared)],
        [
          'processes that wanted to run, median',
          (list: readonly RunResult[]) => {
            const known = list.flatMap(({ load }) => load ?? []);
            return known.length === 0 ? '–' : median(known).toFixed(0);
          },
        ],
        ['a run took, median', (list: readonly RunResult[]) => seconds(median(list.map(({ tookMs }) => tookMs)))],
      ].map(([name, of]) => [
        name as string,
        ...[1, 2].map((count) => (of as Row[1])(results.filter(({ replicas }) => replicas === count))),
        (of as Row[1])(results),
      ]),
    ),
    '## Recovery',
    "From SIGKILL (of what stood still: from its wake-up to ready, from its standstill to the order). *Ready*: the process that died says so again at `/readyz`, its supervisor's pause of half a second and more included; an engine answers. *Order*: somebody who began to shop at the moment of the kill has an order confirmed. Kills of a run overlap, so one may wait for another.",
    table(['what', 'kills', 'ready, median', 'worst', 'order, median', 'worst'], recoveryRows(kills)),
    '## Failpoints',
    'How often each was armed, and how often a process passed it in the run and died there.',
    table(['service', 'point', 'armed', 'fired'], failpointRows(kills)),
    ...(failed.length === 0
      ? []
      : [
          '## Failed',
          failed.map((one) => `- seed ${one.seed} × ${one.replicas}: ${short(one.violations.join('; '))}`).join('\n'),
        ]),
    ...(repaired.length === 0
      ? []
      : [
          '## Failed at first, and run again',
          'What was the matter with each stands in [the room](../e2e/chaos/README.md#found-so-far).',
          repaired.map((one) => `- seed ${one.seed} × ${one.replicas}: ${short(one.violations.join('; '))}`).join('\n'),
        ]),
    `${sum(({ acknowledged }) => acknowledged)} orders acknowledged, ${kills.filter(({ happened }) => happened).length} kills.`,
  ].join('\n\n')}\n`;
}

/** A seed that was run again counts once, as it went last. */
function newest(results: readonly RunResult[]): RunResult[] {
  return [...new Map(results.map((one) => [`${one.seed} × ${one.replicas}`, one])).values()];
}

const short = (text: string) => (text.length > 300 ? `${text.slice(0, 300)} …` : text);

type Row = readonly [string, (list: readonly RunResult[]) => string];

const counted = (of: (result: RunResult) => number) => (list: readonly RunResult[]) =>
  String(list.reduce((total, result) => total + of(result), 0));

function recoveryRows(kills: readonly KillRecord[]): string[][] {
  const groups = Map.groupBy(
    kills.filter(({ happened }) => happened),
    kindOf,
  );
  return [...groups]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, group]) => [
      name,
      String(group.length),
      ...spread(group.flatMap(({ readyMs }) => readyMs ?? [])),
      ...spread(group.flatMap(({ orderMs }) => orderMs ?? [])),
    ]);
}

/** `a service at a failpoint: orders`; replicas of a service count as one. */
function kindOf({ kind, target }: KillRecord): string {
  const names = [...new Set(target.split(' + ').map((name) => name.replace(/-2$/, '')))];
  switch (kind) {
    case 'failpoint':
      return `at a failpoint: ${names.join()}`;
    case 'engine':
      return `engine: ${target}`;
    case 'freeze':
      return 'stood still: any service';
    case 'process':
      if (names.length > 1) return 'two services together';
      return target.includes(' + ') ? `both replicas: ${names.join()}` : `service: ${names.join()}`;
  }
}

function failpointRows(kills: readonly KillRecord[]): string[][] {
  const armed = kills.filter(({ kind }) => kind === 'failpoint');
  const groups = Map.groupBy(armed, ({ target, point }) => `${target.replace(/-2$/, '')} ${point}`);
  return [...groups]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, group]) => [
      ...name.split(' '),
      String(group.length),
      String(group.filter(({ happened }) => happened).length),
    ]);
}

function spread(values: readonly number[]): string[] {
  return values.length === 0 ? ['–', '–'] : [seconds(median(values)), seconds(Math.max(...values))];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? 0;
}

/** `1–100, 201`. */
export function ranges(numbers: readonly number[]): string {
  const sorted = [...new Set(numbers)].sort((one, other) => one - other);
  const found: [number, number][] = [];
  for (const one of sorted) {
    const last = found.at(-1);
    if (last !== undefined && one === last[1] + 1) last[1] = one;
    else found.push([one, one]);
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ') || '–';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
