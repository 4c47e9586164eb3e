import { type DocumentNode, type FieldNode, Kind, visit } from 'graphql';
import { fieldSetOf, textOf } from './joined-types.ts';

/**
 * Under which keys the fields of a client's operation are fetched. The planner merges what it adds itself, keys and required fields, with what
 * a client asks for by the key in the answer alone: `upc: name` would be answered with the upc, and `weight: upc` would put the upc into what
 * another subgraph requires as the weight. So an alias that is the name of such a field is another one until the answer is written.
 */
export interface ResponseKeys {
  keyOf(field: FieldNode): string;
  /** A path in what was fetched as the client knows it; it ends before what the client did not ask for. */
  toClientPath(path: readonly (string | number)[]): readonly (string | number)[];
  /** The operation as it is planned. */
  rename(operation: DocumentNode): DocumentNode;
}

/** @param mark what no name of the supergraph contains; stand-ins have it, too */
export function createResponseKeys(supergraph: DocumentNode, mark: string): ResponseKeys {
  const reserved = fetchedUnasked(supergraph);
  const suffix = `${mark}0`;
  const keyOf = ({ alias, name }: FieldNode): string => {
    if (alias === undefined || alias.value === name.value) return name.value;
    return reserved.has(alias.value) || alias.value.includes(mark) ? `${alias.value}${suffix}` : alias.value;
  };
  return {
    keyOf,
    toClientPath(path) {
      const known: (string | number)[] = [];
      for (const step of path) {
        if (typeof step === 'number' || !step.includes(mark)) known.push(step);
        else if (step.endsWith(suffix)) known.push(step.slice(0, -suffix.length));
        else break;
      }
      return known;
    },
    rename: (operation) =>
      visit(operation, {
        Field(field) {
          const key = keyOf(field);
          if (key === (field.alias ?? field.name).value) return undefined;
          return { ...field, alias: { kind: Kind.NAME, value: key } };
        },
      }),
  };
}

/** The names of all fields that a plan may fetch although nobody asked for them. */
function fetchedUnasked(supergraph: DocumentNode): ReadonlySet<string> {
  const names = new Set(['__typename']);
  visit(supergraph, {
    Directive(directive) {
      const fields = directive.name.value === 'join__type' ? textOf(directive, 'key') : textOf(directive, 'requires');
      if (fields !== undefined && directive.name.value.startsWith('join__'))
        visit(fieldSetOf(fields), { Field: ({ name }) => void names.add(name.value) });
    },
    // What @fromContext reads: `contextArguments: [{ …, selection: "{ name }" }]`.
    ObjectField({ name, value }) {
      if (name.value !== 'selection' || value.kind !== Kind.STRING) return;
      visit(fieldSetOf(value.value.replace(/^\s*\{(.*)\}\s*$/s, '$1')), {
        Field: (field) => void names.add(field.name.value),
      });
    },
  });
  return names;
}
