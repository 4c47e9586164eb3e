import { isDeepStrictEqual } from 'node:util';
import { type GraphQLFormattedError, isInterfaceType, isObjectType, visit } from 'graphql';
import type { Answer } from './executors.ts';
import type { Fault, Place } from './faults.ts';
import type { TestGraph } from './graph.ts';
import { isAbout, isEqualBut, MAX_ERRORS, newNulls, valueAt } from './nulls.ts';
import type { Operation } from './operation.ts';

/** One operation, answered by both with the same faults, and by graphql-js as if there were neither faults nor subgraphs. */
export interface Compared {
  readonly graph: TestGraph;
  readonly operation: Operation;
  readonly faults: readonly Fault[];
  readonly ours: Answer;
  /** A text where it threw. */
  readonly apollo: Answer | string;
  readonly specified: Answer;
  /** What each asked for, in the subgraphs' words. */
  readonly reached: { readonly ours: readonly Place[]; readonly apollo: readonly Place[] };
}

/** A way in which @apollo/gateway answers other than the router does, and why the router does not follow it. */
export interface Rule {
  readonly name: string;
  readonly why: string;
  readonly explains: (compared: Compared) => boolean;
}

const parsed = (answer: Answer | string): unknown =>
  typeof answer === 'string' || answer.text === undefined ? undefined : (JSON.parse(answer.text) as unknown);

/** Whether it is a value that JavaScript takes for false, or has one in it. */
function hasEmpty(value: unknown): boolean {
  return !value || (typeof value === 'object' && Object.values(value).some(hasEmpty));
}

/** Whether the one is the other but for keys that it lacks. */
function hasFewerKeys(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) return one === other;
  return Object.entries(one).every(
    ([key, value]) => Object.hasOwn(other, key) && hasFewerKeys(value, (other as Record<string, unknown>)[key]),
  );
}

function aliasesOf({ document }: Operation): string[] {
  const aliases: string[] = [];
  visit(document, {
    Field({ alias, name }) {
      if (alias !== undefined && alias.value !== name.value) aliases.push(alias.value);
    },
  });
  return aliases;
}

function isField({ schema }: TestGraph, name: string): boolean {
  return Object.values(schema.getTypeMap()).some(
    (type) => (isObjectType(type) || isInterfaceType(type)) && Object.hasOwn(type.getFields(), name),
  );
}

/** Where the plan is wrong, and the answer with it, whoever executes it. */
export const WHERE_THE_PLANNER_IS_WRONG: readonly Rule[] = [
  {
    name: 'a required field of an @interfaceObject, asked of some of its types',
    why: 'The planner requires it of all objects there, has it fetched for some, and the others are not asked about at all.',
    explains: ({ graph, ours, apollo, specified }) =>
      /isInterfaceObject: true/.test(graph.supergraphSdl) &&
      isDeepStrictEqual(parsed(apollo), parsed(ours)) &&
      isEqualBut(parsed(specified), parsed(ours)),
  },
];

/** Where Apollo's answer without any fault is not the one that graphql-js gives over the whole. The router's always is. */
export const WHERE_APOLLO_IS_WRONG: readonly Rule[] = [
  {
    name: 'order of keys',
    why: 'The planner moves __typename and repeated fields; the specification has the order of the selection.',
    explains: ({ apollo, specified }) => isDeepStrictEqual(parsed(apollo), parsed(specified)),
  },
  {
    name: 'lists in lists',
    why: 'Apollo merges what two subgraphs say of the objects in a list, and replaces a list in a list by the later.',
    explains: ({ specified, apollo }) => {
      const nulls = newNulls(parsed(specified), parsed(apollo));
      const isInner = (path: (typeof nulls)[number]) =>
        path.some((step, index) => typeof step === 'number' && typeof path[index + 1] === 'number');
      return nulls.length > 0 && nulls.every(isInner) && isEqualBut(parsed(specified), parsed(apollo));
    },
  },
  {
    name: 'a renamed key with an empty value',
    why: "Apollo gives a field back its name only when the value is neither '' nor 0 nor false.",
    explains: ({ specified, apollo }) => {
      const nulls = newNulls(parsed(specified), parsed(apollo));
      return (
        nulls.length > 0 &&
        nulls.every((path) => hasEmpty(valueAt(parsed(specified), path))) &&
        isEqualBut(parsed(specified), parsed(apollo))
      );
    },
  },
  {
    name: 'introspection in a fragment',
    why: 'The planner finds introspection at the top of an operation only, and elsewhere asks the subgraphs for it.',
    explains: ({ apollo, operation }) =>
      typeof apollo === 'string' &&
      /Was not able to find any options for/.test(apollo) &&
      /__(schema|type)\b/.test(operation.text),
  },
  {
    name: 'a fragment on another interface at an @interfaceObject',
    why: 'The planner looks for an edge to __typename that a subgraph with an @interfaceObject has not.',
    explains: ({ apollo }) => typeof apollo === 'string' && /We should have an edge from/.test(apollo),
  },
  {
    name: 'a selection of which nothing is left',
    why: 'The planner leaves out a field whose every selection is excluded; by the specification it is an empty object.',
    explains: ({ specified, apollo }) => /\{\}/.test(specified.text ?? '') && typeof apollo !== 'string',
  },
  {
    name: 'the name of an interface instead of a type',
    why: "Apollo lets the __typename of an @interfaceObject's subgraph replace the object's own.",
    explains: ({ graph, operation }) =>
      /isInterfaceObject: true/.test(graph.supergraphSdl) && /__typename/.test(operation.text),
  },
  {
    name: 'a fragment on a type within a fragment on a wider one',
    why: 'Inside of the wider one Apollo has forgotten the type of an object whose __typename was not fetched.',
    explains: ({ apollo, specified }) => hasFewerKeys(parsed(apollo), parsed(specified)),
  },
  {
    name: 'an alias that is the name of another field',
    why: 'The planner adds keys and required fields under their own names, and the alias in their place is lost.',
    explains: ({ graph, operation }) => aliasesOf(operation).some((alias) => isField(graph, alias)),
  },
  {
    name: 'what only a skipped field requires',
    why: 'The planner makes one representation for all fields of a fetch, and with what one lacks no field is asked for.',
    explains: ({ operation, specified, apollo }) =>
      /@(skip|include)/.test(operation.text) && newNulls(parsed(specified), parsed(apollo)).length > 0,
  },
];

/** Whether one of them asked a subgraph with a fault for what the other did not ask of it. */
function isAskedElsewhere({ faults, reached }: Compared): boolean {
  const idsOf = (places: readonly Place[], name: string) =>
    [...new Set(places.filter(({ subgraph }) => subgraph === name).map(({ key, field }) => `${key} ${field}`))].sort();
  return faults
    .flatMap((fault) => ('at' in fault ? [fault.at.subgraph] : 'subgraph' in fault ? [fault.subgraph] : []))
    .some((name) => !isDeepStrictEqual(idsOf(reached.ours, name), idsOf(reached.apollo, name)));
}

const some = (faults: readonly Fault[], test: (fault: Fault) => boolean) => faults.some(test);

/** Where the data differ because of a fault. */
export const WHERE_FAULTS_DIFFER: readonly Rule[] = [
  {
    name: 'asked of another subgraph',
    why: 'Conditions are decided before the router plans, so what several subgraphs share may come from another.',
    explains: (compared) => /@(skip|include)/.test(compared.operation.text) && isAskedElsewhere(compared),
  },
  {
    name: 'one wrong shape, no answer at all',
    why: 'Apollo gives up the whole answer for a list that is none, or an object that is none; the router nulls that field.',
    explains: ({ apollo }) => typeof apollo === 'string' || apollo.text === undefined,
  },
  {
    name: 'a key under an alias of its name',
    why: 'Where nothing comes under that alias, Apollo answers with the key that it fetched for itself.',
    explains: ({ graph, operation, ours, apollo }) =>
      aliasesOf(operation).some((alias) => isField(graph, alias)) && isEqualBut(parsed(apollo), parsed(ours)),
  },
  {
    name: 'a merge that breaks off',
    why: 'Apollo merges whatever comes; where JavaScript throws at that, the rest of the answer is lost.',
    explains: ({ apollo }) =>
      typeof apollo !== 'string' && apollo.errors.some(({ message }) => /^Cannot (use|read|create) /.test(message)),
  },
  {
    name: 'an empty list for an object',
    why: 'Apollo takes a list for an object without fields; the router nulls it, with an error.',
    explains: ({ faults }) => some(faults, ({ kind }) => kind === 'empty list'),
  },
  {
    name: 'a wrong __typename where only one type can stand',
    why: 'Apollo lets it decide; the router knows the type from the schema.',
    explains: ({ faults }) =>
      some(faults, (fault) => 'at' in fault && (fault.kind === 'object' || fault.at.field.endsWith('.__typename'))),
  },
  {
    name: 'an object that does not say its type',
    why: 'Apollo answers with what the interface has; the router nulls it, with an error, for fragments may be missing.',
    explains: ({ ours, apollo }) => {
      const nulls = newNulls(parsed(apollo), parsed(ours));
      return nulls.every((path) => isAbout(ours.errors, path)) && isEqualBut(parsed(apollo), parsed(ours));
    },
  },
];

/** Errors of Apollo's that the router reports in other words, or not at all. */
export const OTHER_WORDS: readonly (Rule & { readonly apollo: RegExp; readonly ours: RegExp })[] = [
  {
    name: 'a failed fetch that the client misses nothing of',
    why: 'It was for a key, or for a field that is skipped: the answer is whole, and there is nothing to do.',
    apollo: /^Expected "data\._entities"|unavailable right now|^No data today|^Null data today/,
    ours: /./,
    explains: ({ ours, specified }) => ours.text === specified.text,
  },
  {
    name: 'another number of entities than was asked for',
    why: 'A client can do nothing with the number: it is told to try again, wherever something is missing.',
    apollo: /^Expected "data\._entities"/,
    ours: /unavailable right now/,
    explains: () => true,
  },
  {
    name: 'errors in an answer with another number of entities',
    why: 'None of that answer is used: whose errors they are is not known.',
    apollo: /./,
    ours: /unavailable right now/,
    explains: ({ faults }) => some(faults, ({ kind }) => /entities$/.test(kind)),
  },
  {
    name: 'an error without a message',
    why: 'The name of a subgraph is nothing for a client.',
    apollo: /^Error while fetching subquery from service/,
    ours: /A part of the shop failed/,
    explains: () => true,
  },
  {
    name: 'an error of its own making',
    why: 'Apollo merges whatever comes and reports what JavaScript throws.',
    apollo: /^Cannot (use|read|create|assign|define) /,
    ours: /another type|should be/,
    explains: () => true,
  },
];

/** Each error of Apollo's of which the router has nothing, in the same words or in others that have a rule. */
export function lostErrors(compared: Compared): {
  readonly lost: readonly GraphQLFormattedError[];
  readonly rules: string[];
} {
  const { ours, apollo } = compared;
  const words = ours.errors.map(({ message }) => message);
  const rules: string[] = [];
  if (typeof apollo === 'string' || words.length >= MAX_ERRORS) return { lost: [], rules };
  const lost = apollo.errors.filter(({ message }) => {
    if (words.includes(message)) return false;
    const rule = OTHER_WORDS.find(
      (one) =>
        one.apollo.test(message) &&
        one.explains(compared) &&
        (one.ours.source === '.' || words.some((word) => one.ours.test(word))),
    );
    if (rule !== undefined) rules.push(rule.name);
    return rule === undefined;
  });
  return { lost, rules };
}
