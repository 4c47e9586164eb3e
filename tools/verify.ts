// `npm run verify [-- --data DIR] [--within SECONDS] [--order ID]`: judges from the stores themselves whether what must stay true is true: of
// every unit, cent, order, event and document. Exit code 0: all is as it must be. 1: it is not, with the evidence. 2: it could not look.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { STATE_DIR } from './repo/paths.ts';
import { readShopFile } from './shop/shop-file.ts';
import { bold, dim, green, red, seconds } from './terminal/progress.ts';
import { checksOf, NOT_JUDGED } from './verify/checks.ts';
import { INVARIANTS, type Invariant, type Violation } from './verify/contract.ts';
import { dossierOf } from './verify/dossier.ts';
import { type Judgement, judge } from './verify/judge.ts';
import { openStores, type Stores } from './verify/stores.ts';

const HELP = `npm run verify -- [--data DIR] [--within SECONDS] [--order ID]
  --data    the data directory of the running shop (.ebuy)
  --within  how long what is on its way may take to arrive (20)
  --order   shows what every store says of this order, and only what is wrong with it`;
const SHOWN = 20;

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: STATE_DIR },
    within: { type: 'string', default: '20' },
    order: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const withinSeconds = Number(values.within);
if (values.help || !(withinSeconds >= 0 && withinSeconds <= 600)) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}

const show = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
};

const showEvidence = (violations: readonly Violation[]): void => {
  for (const { where, field, expected, found } of violations.slice(0, SHOWN)) {
    console.log(
      `       ${where}${field === '' ? '' : dim(` ${field}`)}: expected ${show(expected)}, found ${show(found)}`,
    );
  }
  if (violations.length > SHOWN) console.log(`       … and ${violations.length - SHOWN} more`);
};

const showJudgement = ({ check, verdict, tookMs }: Judgement): void => {
  const { compared, violations } = verdict;
  const mark = violations.length === 0 ? green('✓') : red('✗');
  console.log(
    `${mark} ${bold(check.invariant.padEnd(3))} ${check.claim} ${dim(`${compared} ${check.counted}, ${seconds(tookMs)}`)}`,
  );
  showEvidence(violations);
};

const showNotJudged = (): void => {
  for (const [invariant, why] of Object.entries(NOT_JUDGED)) {
    console.log(dim(`– ${invariant.padEnd(3)} ${INVARIANTS[invariant as Invariant]}: not judged here, ${why}`));
  }
};

const judgeAll = async (stores: Stores): Promise<boolean> => {
  const judgements = await judge(checksOf(stores), { withinMs: withinSeconds * 1_000, onJudged: showJudgement });
  showNotJudged();
  const broken = judgements.filter(({ verdict }) => verdict.violations.length > 0).length;
  console.log(
    broken === 0
      ? green(bold('all is as it must be'))
      : red(bold(`${broken} of ${judgements.length} claims do not hold`)),
  );
  return broken === 0;
};

const judgeOrder = async (stores: Stores, orderId: string): Promise<boolean> => {
  const dossier = await dossierOf(stores, orderId);
  for (const { place, lines } of dossier ?? []) {
    console.log(bold(place));
    for (const line of lines.length === 0 ? ['nothing'] : lines) console.log(`  ${line}`);
  }
  const judgements = await judge(checksOf(stores), { withinMs: withinSeconds * 1_000 });
  const wrong = judgements.flatMap(({ verdict }) => verdict.violations.filter(({ where }) => where.includes(orderId)));
  if (dossier === null) console.log('No store has ever heard of this order.');
  else if (wrong.length === 0) console.log(green(bold('all is as it must be with this order')));
  showEvidence(wrong);
  return dossier !== null && wrong.length === 0;
};

const shop = await readShopFile(resolve(values.data));
if (shop === null) {
  console.error('No shop runs here. Start one: npm start');
  process.exit(2);
}
try {
  const stores = await openStores(shop);
  try {
    const isSound = await (values.order === undefined
      ? judgeAll(stores)
      : judgeOrder(stores, values.order.toLowerCase()));
    process.exitCode = isSound ? 0 : 1;
  } finally {
    await stores.close();
  }
} catch (error) {
  console.error(`${red('could not look:')} ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
