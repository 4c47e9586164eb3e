// `npm run verify [-- --data DIR] [--within SECONDS]`: compares what the read side shows with the stores that own it, every document, field by field.
// Exit code 0: all is as it must be. 1: it is not, with the evidence. 2: it could not look.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { STATE_DIR } from './repo/paths.ts';
import { readShopFile } from './shop/shop-file.ts';
import { bold, dim, green, red, seconds } from './terminal/progress.ts';
import { checksOf } from './verify/checks.ts';
import type { Violation } from './verify/contract.ts';
import { type Judgement, judge } from './verify/judge.ts';
import { openStores } from './verify/stores.ts';

const HELP = `npm run verify -- [--data DIR] [--within SECONDS]
  --data    the data directory of the running shop (.ebuy)
  --within  how long what is on its way may take to arrive (20)`;
const SHOWN = 20;

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: STATE_DIR },
    within: { type: 'string', default: '20' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const withinSeconds = Number(values.within);
if (values.help || !(withinSeconds >= 0 && withinSeconds <= 600)) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
};

const showEvidence = (violations: readonly Violation[]): void => {
  for (const { where, field, expected, found } of violations.slice(0, SHOWN)) {
    console.log(
      `    ${where}${field === '' ? '' : dim(` ${field}`)}: expected ${show(expected)}, found ${show(found)}`,
    );
  }
  if (violations.length > SHOWN) console.log(`    … and ${violations.length - SHOWN} more`);
};

const showJudgement = ({ check, verdict, tookMs }: Judgement): void => {
  const { compared, violations } = verdict;
  const mark = violations.length === 0 ? green('✓') : red('✗');
  console.log(`  ${mark} ${check.claim} ${dim(`${compared} ${check.counted}, ${seconds(tookMs)}`)}`);
  showEvidence(violations);
};

const shop = await readShopFile(resolve(values.data));
if (shop === null) {
  console.error('No shop runs here. Start one: npm start');
  process.exit(2);
}
try {
  const stores = await openStores(shop);
  try {
    const judgements = await judge(checksOf(stores), { withinMs: withinSeconds * 1_000, onJudged: showJudgement });
    const broken = judgements.filter(({ verdict }) => verdict.violations.length > 0).length;
    console.log(
      broken === 0
        ? green(bold('all is as it must be'))
        : red(bold(`${broken} of ${judgements.length} claims do not hold`)),
    );
    process.exitCode = broken === 0 ? 0 : 1;
  } finally {
    await stores.close();
  }
} catch (error) {
  console.error(`${red('could not look:')} ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
