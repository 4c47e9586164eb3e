import { existsSync, readFileSync } from 'node:fs';
import type { GraphQLSchema } from 'graphql';
import { readAtRevision } from './base.ts';
import { type AcceptedChange, findUnacceptedChanges, parseAcceptedChanges } from './breaking-changes.ts';
import { composeSupergraph, toApiSchema, toFullSchema } from './compose.ts';
import { findUndescribed } from './descriptions.ts';
import { clientNames, readOperations, readSupergraphSdl } from './index.ts';
import { findHardGuards, findLawBreaks } from './laws.ts';
import {
  collectPending,
  findGrowth,
  judgeOperation,
  type OperationVerdict,
  type PendingOperations,
  splitOperations,
} from './operations.ts';

/** Where the operations that are not served yet are committed. */
export const pendingUrl: URL = new URL('../operations/pending.json', import.meta.url);
const acceptedUrl = new URL('../accepted-breaking-changes.json', import.meta.url);

/** What the check found: problems fail it, remarks say what it could not compare. */
export interface CheckReport {
  readonly problems: readonly string[];
  readonly remarks: readonly string[];
}

/**
 * Checks the graph as the tree has it: the committed supergraph is what the subgraphs compose to, keeps the laws, is described and
 * breaks no client, and every operation of a client is valid as far as it is served.
 *
 * @param base the git revision clients were promised, HEAD unless SCHEMA_BASE says another (a release's tag in CI)
 */
export function checkGraph(base: string): CheckReport {
  const composed = composeSupergraph();
  const api = toApiSchema(composed);
  const verdicts = judgeOperations(api);
  const promised = readAtRevision(base, 'schema/supergraph.graphql');
  const promisedPending = readAtRevision(base, 'schema/operations/pending.json');
  return {
    problems: [
      ...(composed === readSupergraphSdl()
        ? []
        : ['schema/supergraph.graphql is stale: run `npm run schema:compose`.']),
      ...findLawBreaks(api),
      ...findHardGuards(toFullSchema(composed)),
      ...findUndescribed(api).map((coordinate) => `${coordinate} has no description.`),
      ...(promised === null ? [] : describeBreaks(promised, api)),
      ...describeOperations(verdicts),
      ...(promisedPending === null ? [] : describeGrowth(JSON.parse(promisedPending), collectPending(verdicts))),
    ],
    remarks:
      promised === null
        ? [`There is no supergraph at ${base} to compare with: breaking changes were not looked for.`]
        : [],
  };
}

/** Every client's operations, judged against the API schema. */
export function judgeOperations(api: GraphQLSchema): OperationVerdict[] {
  return clientNames.flatMap((client) =>
    splitOperations(client, readOperations(client)).map((operation) => judgeOperation(api, operation)),
  );
}

/** pending.json's text for these verdicts, as the formatter wants it: a line an operation, where it fits. */
export function printPending(verdicts: readonly OperationVerdict[]): string {
  const clients = Object.entries(collectPending(verdicts)).map(([client, operations]) => {
    const lines = Object.entries(operations).map(
      ([name, missing]) => `    ${JSON.stringify(name)}: ${printList(missing)}`,
    );
    return `  ${JSON.stringify(client)}: {\n${lines.join(',\n')}\n  }`;
  });
  return clients.length === 0 ? '{}\n' : `{\n${clients.join(',\n')}\n}\n`;
}

function printList(items: readonly string[]): string {
  const line = `[${items.map((one) => JSON.stringify(one)).join(', ')}]`;
  return line.length < 80 ? line : `[\n${items.map((one) => `      ${JSON.stringify(one)}`).join(',\n')}\n    ]`;
}

function describeBreaks(promised: string, api: GraphQLSchema): string[] {
  const accepted: AcceptedChange[] = parseAcceptedChanges(readFileSync(acceptedUrl, 'utf8'));
  return findUnacceptedChanges(toApiSchema(promised), api, accepted).map(
    ({ type, description }) =>
      `${type}: ${description} Keep it and mark it @deprecated, or name it with a reason in schema/accepted-breaking-changes.json.`,
  );
}

function describeOperations(verdicts: readonly OperationVerdict[]): string[] {
  const defects = verdicts.flatMap(({ operation, errors }) =>
    errors.map((error) => `${operation.client}.graphql, ${operation.name}: ${error}`),
  );
  const committed = existsSync(pendingUrl) ? readFileSync(pendingUrl, 'utf8') : '';
  if (committed === printPending(verdicts)) return defects;
  return [...defects, 'schema/operations/pending.json is stale: run `npm run schema:compose`.'];
}

function describeGrowth(before: PendingOperations, now: PendingOperations): string[] {
  return findGrowth(before, now).map((name) => `${name} was served and is no longer: pending.json may only shrink.`);
}
