import {
  type GraphQLArgument,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { type Dice, diceOf, pick } from './chance.ts';

/** The variables that an operation has come to use. */
export interface Variables {
  readonly flags: number;
  /** The text of a use, and of what may stand where a value of the type may. */
  use(type: GraphQLInputType, hasDefault: boolean, dice: Dice): string;
  boolean(which: number): string;
  definitions(): string;
  sent(): Record<string, unknown>;
}

interface Variable {
  readonly type: string;
  readonly default?: string;
  /** `undefined`: not sent. */
  readonly value: unknown;
}

const BOOLEANS = ['yes', 'no', 'byDefault', 'against'] as const;

/** @param flags which values the boolean ones have */
export function createVariables(flags: number): Variables {
  const known = new Map<string, Variable>();
  return {
    flags,
    use(type, hasDefault, dice) {
      const name = `v${known.size}`;
      known.set(name, variableOf(type, hasDefault, dice));
      return `$${name}`;
    },
    boolean(which) {
      const index = which % BOOLEANS.length;
      const name = BOOLEANS[index] as string;
      const value = ((flags >>> index) & 1) === 0;
      known.set(
        name,
        index < 2
          ? { type: 'Boolean!', value }
          : { type: 'Boolean', default: `${!value}`, value: index === 2 ? undefined : value },
      );
      return `$${name}`;
    },
    definitions() {
      if (known.size === 0) return '';
      const texts = [...known].map(
        ([name, one]) => `$${name}: ${one.type}${one.default === undefined ? '' : ` = ${one.default}`}`,
      );
      return `(${texts.join(', ')})`;
    },
    sent: () =>
      Object.fromEntries(
        [...known].filter(([, { value }]) => value !== undefined).map(([name, { value }]) => [name, value]),
      ),
  };
}

function variableOf(type: GraphQLInputType, hasDefault: boolean, dice: Dice): Variable {
  const nullable = isNonNullType(type) ? type.ofType : type;
  if (isNonNullType(type)) {
    // A variable without `!` may stand here if it, or the place, has a default; null would then be the caller's mistake.
    if (dice.once(3)) {
      return {
        type: String(nullable),
        default: literal(type, dice),
        value: dice.once(2) ? undefined : json(type, dice),
      };
    }
    if (hasDefault && dice.once(3))
      return { type: String(nullable), value: dice.once(2) ? undefined : json(type, dice) };
    return { type: String(type), value: json(type, dice) };
  }
  const value = dice.once(3) ? undefined : dice.once(4) ? null : json(type, dice);
  if (dice.once(3)) return { type: String(type), default: literal(type, dice), value };
  if (dice.once(4)) return { type: `${type}!`, value: json(type, dice, 0, true) };
  return { type: String(type), value };
}

/** @param gene 0: as few arguments as may be */
export function argumentsText(variables: Variables, args: readonly GraphQLArgument[], gene: number): string {
  const dice = diceOf(gene);
  const given = args.filter((one) => isRequiredArgument(one) || (gene !== 0 && !dice.once(3)));
  if (given.length === 0) return '';
  const texts = given.map((one) => {
    const hasDefault = one.defaultValue !== undefined;
    const value =
      gene >= 1_024 && dice.once(2) ? variables.use(one.type, hasDefault, dice) : literal(one.type, dice, variables);
    return `${one.name}: ${value}`;
  });
  return `(${texts.join(', ')})`;
}

const MAX_DEPTH = 3;

function literal(type: GraphQLInputType, dice: Dice, variables?: Variables, depth = 0): string {
  if (isNonNullType(type)) return literalOf(type.ofType, dice, variables, depth);
  return dice.once(6) ? 'null' : literalOf(type, dice, variables, depth);
}

function literalOf(type: GraphQLInputType, dice: Dice, variables: Variables | undefined, depth: number): string {
  const part = (inner: GraphQLInputType, hasDefault: boolean) =>
    variables !== undefined && dice.once(3)
      ? variables.use(inner, hasDefault, dice)
      : literal(inner, dice, variables, depth + 1);
  if (isListType(type)) {
    // One value stands for a list of it, where the value is no list and no variable itself.
    const one = isNonNullType(type.ofType) ? type.ofType.ofType : type.ofType;
    if (dice.once(5) && !isListType(one)) return literalOf(one, dice, undefined, depth + 1);
    return `[${Array.from({ length: dice.roll(3) }, () => part(type.ofType, false)).join(', ')}]`;
  }
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      (one) => isRequiredInputField(one) || (depth < MAX_DEPTH && dice.once(2)),
    );
    return `{${fields.map((one) => `${one.name}: ${part(one.type, one.defaultValue !== undefined)}`).join(', ')}}`;
  }
  if (isEnumType(type)) return dice.of(type.getValues()).name;
  return JSON.stringify(leaf(String(type), dice));
}

function json(type: GraphQLInputType, dice: Dice, depth = 0, isNonNull = false): unknown {
  if (isNonNullType(type)) return json(type.ofType, dice, depth, true);
  if (!isNonNull && dice.once(6)) return null;
  if (isListType(type)) {
    const one = isNonNullType(type.ofType) ? type.ofType.ofType : type.ofType;
    if (dice.once(5) && !isListType(one)) return json(one, dice, depth + 1, true);
    return Array.from({ length: dice.roll(3) }, () => json(type.ofType, dice, depth + 1));
  }
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      (one) => isRequiredInputField(one) || (depth < MAX_DEPTH && dice.once(2)),
    );
    return Object.fromEntries(fields.map((one) => [one.name, json(one.type, dice, depth + 1)]));
  }
  if (isEnumType(type)) return dice.of(type.getValues()).name;
  return leaf(String(type), dice);
}

function leaf(name: string, dice: Dice): string | number | boolean {
  switch (name) {
    case 'Int':
      return pick([0, 1, -7, 2_147_483_647], dice.roll(4));
    case 'Float':
      return pick([0, 1.5, -3, 1e21], dice.roll(4));
    case 'Boolean':
      return dice.once(2);
    default:
      return pick(['x', '', 'a "quoted" ü', '$v0', 'null'], dice.roll(5));
  }
}
