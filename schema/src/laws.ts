import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/** Short lists that take `first` and have no next page. */
const NEVER_PAGED = new Set(['Product.related', 'Query.searchSuggestions']);

/**
 * The laws of the graph that a program can judge. Each break is one sentence that begins with a coordinate.
 *
 * - A root field is nullable, so that a fault empties it and not its siblings.
 * - A mutation is `verbNoun(input: VerbNounInput!): VerbNounPayload`, and its payload says why it refused:
 *   `userErrors: [XError!]!`, where XError implements UserError and has a code of its own enum.
 * - What takes `first` is a Relay connection with nodes beside its edges, but for the short lists that are never paged on.
 * - Enum values are SCREAMING_SNAKE.
 */
export function findLawBreaks(schema: GraphQLSchema): string[] {
  const breaks: string[] = [];
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const field of fieldsOf(root)) {
      if (isNonNullType(field.type))
        breaks.push(`${root?.name}.${field.name} must be nullable: a fault would empty its siblings, too.`);
    }
  }
  for (const field of fieldsOf(schema.getMutationType())) breaks.push(...breaksOfMutation(schema, field));
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    if (isEnumType(type)) {
      const odd = type.getValues().filter(({ name }) => !/^[A-Z][A-Z0-9_]*$/.test(name));
      breaks.push(...odd.map(({ name }) => `${type.name}.${name} must be in capitals: SCREAMING_SNAKE.`));
    }
    if (isObjectType(type) || isInterfaceType(type)) {
      const paged = Object.values(type.getFields()).filter(({ args }) => args.some(({ name }) => name === 'first'));
      breaks.push(
        ...paged
          .filter((field) => !isConnection(field.type) && !NEVER_PAGED.has(`${type.name}.${field.name}`))
          .map((field) => `${type.name}.${field.name} takes first but is no connection.`),
      );
    }
  }
  return breaks;
}

/**
 * Guarded fields (@authenticated, @requiresScopes, on themselves or on the type they return) that are not nullable: whoever may not
 * have them would lose what stands around them.
 *
 * @param supergraph the full supergraph as a schema: the API schema has no directives
 */
export function findHardGuards(supergraph: GraphQLSchema): string[] {
  const types = Object.values(supergraph.getTypeMap()).filter((type) => isObjectType(type) || isInterfaceType(type));
  return types.flatMap((type) =>
    Object.values(type.getFields())
      .filter((field) => isNonNullType(field.type))
      .filter((field) => isGuarded(field.astNode) || isGuarded(getNamedType(field.type).astNode))
      .map((field) => `${type.name}.${field.name} is guarded and must be nullable.`),
  );
}

function isGuarded(
  node:
    | { readonly directives?: readonly { readonly name: { readonly value: string } }[] | undefined }
    | null
    | undefined,
): boolean {
  return (node?.directives ?? []).some(({ name }) => name.value === 'authenticated' || name.value === 'requiresScopes');
}

function breaksOfMutation(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>): string[] {
  const name = `Mutation.${field.name}`;
  const noun = field.name.charAt(0).toUpperCase() + field.name.slice(1);
  const [input, ...more] = field.args;
  const breaks: string[] = [];
  if (
    more.length > 0 ||
    input?.name !== 'input' ||
    String(input.type) !== `${noun}Input!` ||
    !isInputObjectType(getNamedType(input.type))
  ) {
    breaks.push(`${name} must take (input: ${noun}Input!) and nothing else.`);
  }
  const payload = getNamedType(field.type);
  if (payload.name !== `${noun}Payload` || !isObjectType(payload))
    return [...breaks, `${name} must return ${noun}Payload.`];
  return [...breaks, ...breaksOfPayload(schema, payload)];
}

function breaksOfPayload(schema: GraphQLSchema, payload: GraphQLObjectType): string[] {
  const userErrors = payload.getFields().userErrors;
  const error = userErrors === undefined ? undefined : getNamedType(userErrors.type);
  const breaks: string[] = [];
  if (!isObjectType(error) || String(userErrors?.type) !== `[${error.name}!]!`) {
    breaks.push(`${payload.name}.userErrors must be a list of error types: [SomeError!]!.`);
  } else {
    const userError = schema.getType('UserError');
    if (!isInterfaceType(userError) || !error.getInterfaces().includes(userError))
      breaks.push(`${error.name} must implement UserError.`);
    const code = error.getFields().code?.type;
    if (code === undefined || !isNonNullType(code) || !isEnumType(code.ofType))
      breaks.push(`${error.name}.code must be an enum of its own.`);
  }
  return breaks;
}

function isConnection(type: GraphQLOutputType): boolean {
  const named = getNamedType(type);
  if (!isObjectType(named)) return false;
  const { nodes, edges, pageInfo } = named.getFields();
  return (
    [nodes, edges].every((field) => field !== undefined && isListType(stripNonNull(field.type))) &&
    pageInfo !== undefined
  );
}

function stripNonNull(type: GraphQLOutputType): GraphQLOutputType {
  return isNonNullType(type) ? type.ofType : type;
}

function fieldsOf(type: GraphQLObjectType | null | undefined): GraphQLField<unknown, unknown>[] {
  return type === null || type === undefined ? [] : Object.values(type.getFields());
}
