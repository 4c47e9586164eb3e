import { type Dice, diceOf } from './chance.ts';
import type { GraphText } from './graph.ts';

/** What one subgraph has come to declare, by type. */
interface Draft {
  readonly name: string;
  readonly types: Map<string, { head: string; fields: Map<string, string> }>;
  readonly rest: string[];
}

const SCALARS = ['Int', 'String', 'Boolean', 'Float', 'ID', 'String!', 'Int!', '[String]', '[[Int!]]', '[Float!]!'];
const ENTITIES = ['Ant', 'Bee', 'Cow', 'Dog'];

/**
 * A supergraph drawn from a seed: two to four subgraphs, entities with their fields spread over them, values that several share,
 * and a few of every directive. Not every draw composes.
 */
export function drawGraph(seed: number): GraphText {
  const dice = diceOf(seed);
  const drafts = Array.from({ length: 2 + dice.roll(3) }, (_, index) => newDraft(`s${index}`));
  const entities = ENTITIES.slice(0, 2 + dice.roll(3));
  const usesInterface = dice.once(2);
  for (const entity of entities) drawEntity(dice, drafts, entity, entities, usesInterface);
  for (const draft of drafts) drawUnion(dice, draft, entities);
  drawRoots(dice, drafts, entities);
  if (usesInterface) drawInterface(dice, drafts);
  for (const draft of drafts) complete(draft, entities);
  return { name: `random ${seed}`, subgraphs: Object.fromEntries(drafts.map((draft) => [draft.name, printed(draft)])) };
}

const newDraft = (name: string): Draft => ({ name, types: new Map(), rest: [] });

function typeOf({ types }: Draft, name: string, head = `type ${name}`) {
  const known = types.get(name) ?? { head, fields: new Map<string, string>() };
  types.set(name, known);
  return known;
}

function drawEntity(
  dice: Dice,
  drafts: readonly Draft[],
  entity: string,
  entities: readonly string[],
  usesInterface: boolean,
): void {
  const homes = drafts.filter((_, index) => index === 0 || !dice.once(3));
  const secondKey = dice.once(3);
  for (const [index, draft] of homes.entries()) {
    const implementing = usesInterface && index === 0 ? ' implements Beast @key(fields: "id")' : ' @key(fields: "id")';
    const both = secondKey && index < 2 ? ' @key(fields: "code")' : '';
    const { fields } = typeOf(draft, entity, `type ${entity}${implementing}${both}`);
    fields.set('id', 'id: ID!');
    if (both !== '') fields.set('code', 'code: String!');
    if (usesInterface && index === 0) fields.set('title', `title: String`);
    for (let count = dice.roll(4); count >= 0; count -= 1) {
      const name = `${entity.toLowerCase()}${draft.name}${count}`;
      fields.set(name, `${name}${drawArguments(dice)}: ${drawType(dice, entities)}`);
    }
  }
  if (dice.once(2)) shareField(dice, homes, entity);
  drawRequires(dice, homes, entity);
  drawOverride(dice, homes, entity);
}

function drawType(dice: Dice, entities: readonly string[]): string {
  if (!dice.once(2)) return dice.of(SCALARS);
  const name = dice.once(4) ? 'Value' : dice.of(entities);
  return dice.of([name, `[${name}]`, `[${name}!]!`, `${name}!`, `[[${name}]]`, `[${name}!]`, name]);
}

function drawArguments(dice: Dice): string {
  if (!dice.once(3)) return '';
  const types = [
    'Int',
    'Int = 3',
    'String!',
    '[ID!]',
    'Boolean! = true',
    '[[Int]!] = [[1]]',
    'Input',
    'Input! = {text: "d"}',
  ];
  return dice.once(2) ? `(a: ${dice.of(types)})` : `(a: ${dice.of(types)}, b: ${dice.of(types)})`;
}

function shareField(dice: Dice, homes: readonly Draft[], entity: string): void {
  const type = dice.of(['Int', 'String', 'Value', '[Value!]']);
  for (const draft of homes) typeOf(draft, entity).fields.set('shared', `shared: ${type} @shareable`);
}

/**
 * A field of one subgraph, computed from fields of another. Nothing further is computed from it: where such a field is asked for at the root
 * of its own subgraph, the planner forgets what it requires, for the router as for Apollo.
 */
function drawRequires(dice: Dice, homes: readonly Draft[], entity: string): void {
  const [from, to] = homes;
  if (from === undefined || to === undefined || !dice.once(2)) return;
  const source = typeOf(from, entity).fields;
  const target = typeOf(to, entity).fields;
  source.set('base', 'base: Int');
  target.set('base', 'base: Int @external');
  source.set('inner', 'inner: Value');
  target.set('inner', 'inner: Value @external');
  const fields = dice.of(['base', 'inner { text }', 'base inner { number text }']);
  const used = new Set(fields.match(/base|inner/g));
  for (const name of ['base', 'inner']) if (!used.has(name)) target.delete(name);
  target.set('computed', `computed: ${dice.of(['String', 'Int!', `[${entity}]`])} @requires(fields: "${fields}")`);
}

function drawOverride(dice: Dice, homes: readonly Draft[], entity: string): void {
  const [from, to] = homes;
  if (from === undefined || to === undefined || !dice.once(3)) return;
  const label = dice.once(2) ? ', label: "percent(50)"' : '';
  typeOf(from, entity).fields.set('moved', 'moved: String');
  typeOf(to, entity).fields.set('moved', `moved: String @override(from: "${from.name}"${label})`);
}

/** An interface of all entities, and a subgraph more that knows nothing else of them. */
function drawInterface(dice: Dice, drafts: Draft[]): void {
  const [home] = drafts;
  if (home === undefined) return;
  typeOf(home, 'Beast', 'interface Beast @key(fields: "id")').fields.set('id', 'id: ID!').set('title', 'title: String');
  typeOf(home, 'Query').fields.set('beasts', 'beasts(first: Int): [Beast]');
  if (dice.once(3)) return;
  const other = newDraft('beasts');
  drafts.push(other);
  const { fields } = typeOf(other, 'Beast', 'type Beast @interfaceObject @key(fields: "id")');
  fields
    .set('id', 'id: ID!')
    .set('weight', 'weight: Float')
    .set('rival', 'rival: Beast')
    .set('tags', 'tags(of: String): [String!]');
  if (dice.once(2)) {
    fields.set('title', 'title: String @external').set('slogan', 'slogan: String! @requires(fields: "title")');
  }
  typeOf(other, 'Query').fields.set('heaviest', 'heaviest: Beast').set('herd', 'herd: [Beast!]!');
}

function drawUnion(dice: Dice, draft: Draft, entities: readonly string[]): void {
  const members = entities.filter((entity) => draft.types.has(entity));
  if (members.length === 0 || dice.once(2)) return;
  draft.rest.push(`union Any${draft.name} = ${[...members, 'Value'].join(' | ')}`);
  typeOf(draft, 'Query').fields.set(`any${draft.name}`, `any${draft.name}: [Any${draft.name}]`);
}

/** What the fields speak of and the subgraph has not declared yet. */
function complete(draft: Draft, entities: readonly string[]): void {
  draft.rest.push('type Value @shareable { text: String number: Int! deep: Value list: [Value!] }');
  draft.rest.push(
    'input Input { text: String! = "t", numbers: [Int!], inner: Input, flag: Flag = UP }',
    'enum Flag { UP DOWN }',
  );
  const text = printed(draft);
  for (const entity of entities.filter((one) => !draft.types.has(one) && new RegExp(`\\b${one}\\b`).test(text))) {
    typeOf(draft, entity, `type ${entity} @key(fields: "id", resolvable: false)`).fields.set('id', 'id: ID!');
  }
}

function drawRoots(dice: Dice, drafts: readonly Draft[], entities: readonly string[]): void {
  for (const draft of drafts) {
    const { fields } = typeOf(draft, 'Query');
    for (const entity of entities.filter((one) => draft.types.has(one))) {
      if (dice.once(3)) continue;
      const name = `${entity.toLowerCase()}Of${draft.name}`;
      const provided = dice.once(3) ? provide(drafts, draft, entity) : '';
      fields.set(
        name,
        `${name}${drawArguments(dice)}: ${dice.of([entity, `[${entity}!]!`, `[${entity}]`, `${entity}!`])}${provided}`,
      );
    }
    fields.set(`count${draft.name}`, `count${draft.name}: Int`);
    fields.set('shared', 'shared: Value @shareable');
    if (dice.once(2))
      typeOf(draft, 'Mutation').fields.set(
        `do${draft.name}`,
        `do${draft.name}${drawArguments(dice)}: ${dice.of(['Int', 'Value', 'Value!'])}`,
      );
  }
}

/** A field that another subgraph has, given here on one way only. */
function provide(drafts: readonly Draft[], draft: Draft, entity: string): string {
  const owner = drafts.find((one) => one !== draft && one.types.has(entity));
  if (owner === undefined || drafts.some(({ types }) => types.get(entity)?.fields.has('given') === true)) return '';
  typeOf(owner, entity).fields.set('given', 'given: String @shareable');
  typeOf(draft, entity).fields.set('given', 'given: String @external');
  return ' @provides(fields: "given")';
}

function printed({ types, rest }: Draft): string {
  const texts = [...types.values()].map(({ head, fields }) => `${head} {\n  ${[...fields.values()].join('\n  ')}\n}`);
  return [...texts, ...rest].join('\n');
}
