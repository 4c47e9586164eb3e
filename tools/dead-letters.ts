/**
 * What consumer groups could not apply, and how to hand it to them again after the fix.
 *
 *   npm run dead-letters -- list [group]               what was put aside, and why
 *   npm run dead-letters -- explain <group> <offset>   one letter, whole
 *   npm run dead-letters -- replay <group> <offset…>   back to its group, in this order; `all` for every one
 *
 * Asks the running shop's Kafka (.ebuy/shop.json), or the one that KAFKA_BROKERS names.
 */
import {
  CONSUMER_GROUPS,
  type ConsumerGroup,
  type DeadLetter,
  findConsumerGroup,
  type KafkaSettings,
  listDeadLetters,
  replayDeadLetters,
} from '@ebuy/events';
import { createLogger } from '@ebuy/runtime';
import { STATE_DIR } from './repo/paths.ts';
import { readShopFile } from './shop/shop-file.ts';

const LETTERS_MOST = 1_000;
const groups: readonly ConsumerGroup[] = Object.values(CONSUMER_GROUPS);
const nameOf = (group: ConsumerGroup) => `${group.subgraph}.${group.reaction}`;

class Usage extends Error {}

const settings = async (): Promise<KafkaSettings> => ({
  brokers: await brokers(),
  clientId: 'dead-letters',
  namespace: process.env.EBUY_NAMESPACE ?? '',
  logger: createLogger('dead-letters', 'silent'),
});

async function brokers(): Promise<string[]> {
  const running = await readShopFile(STATE_DIR);
  const kafka = process.env.KAFKA_BROKERS ?? running?.engines.find(({ name }) => name === 'kafka')?.url;
  if (!kafka) throw new Usage('No shop runs here. Start it with `npm start`, or name its Kafka in KAFKA_BROKERS.');
  return kafka.split(',');
}

function group(name: string | undefined): ConsumerGroup {
  const found = findConsumerGroup(name ?? '');
  if (!found) throw new Usage(`Name a group: ${groups.map(nameOf).join(', ')}`);
  return found;
}

async function list(name: string | undefined): Promise<void> {
  let count = 0;
  for (const one of name === undefined ? groups : [group(name)]) {
    for (const letter of await listDeadLetters(await settings(), one, LETTERS_MOST)) {
      console.log(`${nameOf(one)}  #${letter.offset}  ${letter.at}  ${letter.code}  ${letter.reason.split('\n')[0]}`);
      count += 1;
    }
  }
  console.log(
    count === 0 ? 'No dead letters.' : `${count} dead letters. \`explain <group> <offset>\` shows one whole.`,
  );
}

async function explain(name: string | undefined, offset: string | undefined): Promise<void> {
  const [letter] = await choose(group(name), [offset ?? '']);
  if (!letter) return;
  console.log(
    `${nameOf(letter.group)} put this aside at ${letter.at}\n  from    ${letter.origin}\n  key     ${letter.key}`,
  );
  console.log(`  code    ${letter.code}\n  reason  ${letter.reason}\n\n${letter.value}`);
}

async function replay(name: string | undefined, offsets: readonly string[]): Promise<void> {
  const chosen = await choose(group(name), offsets);
  const count = await replayDeadLetters(await settings(), chosen);
  console.log(`${count} handed to ${name} again. What still cannot be applied comes back here as a new letter.`);
}

async function choose(from: ConsumerGroup, offsets: readonly string[]): Promise<DeadLetter[]> {
  const letters = await listDeadLetters(await settings(), from, LETTERS_MOST);
  if (offsets[0] === 'all') return letters;
  return offsets.map((offset) => {
    const letter = letters.find((one) => one.offset === offset);
    if (!letter) throw new Usage(`${nameOf(from)} has no letter #${offset}. \`list\` shows those it has.`);
    return letter;
  });
}

const [command, name, ...offsets] = process.argv.slice(2);
try {
  if (command === 'list') await list(name);
  else if (command === 'explain') await explain(name, offsets[0]);
  else if (command === 'replay' && offsets.length > 0) await replay(name, offsets);
  else throw new Usage('Say what: list [group] · explain <group> <offset> · replay <group> <offset…|all>');
} catch (error) {
  if (error instanceof Usage) console.error(error.message);
  else
    console.error(
      `Kafka could not be asked (${(error as Error).message}). Does it run, and has it the topics (npm run migrate)?`,
    );
  process.exitCode = error instanceof Usage ? 2 : 1;
}
