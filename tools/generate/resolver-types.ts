import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ROOT } from '../repo/paths.ts';

const HEADER = '// Generated from schema.graphql by `npm run generate`. Do not edit.\n/* eslint-disable */\n';

/** What the graph's scalars are in TypeScript, coming in and going out. Times are ISO 8601 strings, amounts safe integers. */
const SCALARS = {
  ID: { input: 'string', output: 'string' },
  String: { input: 'string', output: 'string' },
  Boolean: { input: 'boolean', output: 'boolean' },
  Int: { input: 'number', output: 'number' },
  Float: { input: 'number', output: 'number' },
  MinorUnits: { input: 'number', output: 'number' },
  DateTime: { input: 'string', output: 'string' },
  CurrencyCode: { input: 'string', output: 'string' },
  CountryCode: { input: 'string', output: 'string' },
  HTML: { input: 'string', output: 'string' },
  federation__FieldSet: { input: 'string', output: 'string' },
} as const;

/** `codegen.json` of a subgraph: which type stands behind a GraphQL type, `{ "mappers": { "Order": "../domain/order.ts#Order" } }`, paths seen from `src/generated`. */
export interface CodegenSettings {
  readonly mappers?: Readonly<Record<string, string>>;
}

export const resolverTypesFile = (subgraph: string): string =>
  join(ROOT, 'subgraphs', subgraph, 'src', 'generated', 'graphql.ts');

/**
 * Writes the resolver types of one subgraph: shared.graphql and its own schema, read as Apollo Federation 2.
 * The libraries are imported here, not at the top: a run that finds nothing changed should not pay for them.
 */
export const generateResolverTypes = async (
  subgraph: string,
  sources: readonly string[],
  settings: CodegenSettings,
): Promise<void> => {
  const [{ codegen }, typescript, resolvers, { buildSubgraphSchema }, { mapSchema, MapperKind }, { parse, Kind }] =
    await Promise.all([
      import('@graphql-codegen/core'),
      import('@graphql-codegen/typescript'),
      import('@graphql-codegen/typescript-resolvers'),
      import('@apollo/subgraph'),
      import('@graphql-tools/utils'),
      import('graphql'),
    ]);
  const documents = await Promise.all(sources.map(async (file) => parse(await readFile(file, 'utf8'))));
  const federated = buildSubgraphSchema({
    kind: Kind.DOCUMENT,
    definitions: documents.flatMap((document) => document.definitions),
  });
  // Federation's own machinery (_entities, _service) is answered by the library, never by a resolver of ours.
  const schemaAst = mapSchema(federated, {
    [MapperKind.QUERY_ROOT_FIELD]: (field, name) => (name.startsWith('_') ? null : field),
    [MapperKind.TYPE]: (type) => (['_Any', '_Entity', '_Service'].includes(type.name) ? null : type),
  });
  const filename = resolverTypesFile(subgraph);
  const code = await codegen({
    filename,
    documents: [],
    schema: { kind: Kind.DOCUMENT, definitions: [] },
    schemaAst,
    plugins: [{ typescript: {} }, { resolvers: {} }],
    pluginMap: { typescript, resolvers },
    config: {
      federation: true,
      disableFederationDirectiveAndScalarInjection: true,
      contextType: '@ebuy/runtime#RequestContext',
      useTypeImports: true,
      importExtension: '',
      emitLegacyCommonJSImports: false,
      enumsAsTypes: true,
      strictScalars: false,
      defaultScalarType: 'unknown',
      scalars: SCALARS,
      maybeValue: 'T | null | undefined',
      inputMaybeValue: 'T | null | undefined',
      mappers: settings.mappers ?? {},
      resolversNonOptionalTypename: false,
    },
  });
  await mkdir(dirname(filename), { recursive: true });
  await writeFile(filename, HEADER + code);
};
