/** What an audited mutation must leave, from the schema and from the stores. */
import { type AuditEntry, readMongoChain, readMongoUnsealed } from '@ebuy/runtime';
import { Kind, parse } from 'graphql';
import type mongoose from 'mongoose';
import type { TestDatabase } from './postgres.ts';

/**
 * The mutations of a subgraph's schema that must leave an entry: those that want a scope, which staff and partners have; with `payment`
 * every one, for then each is about an order's money. A new mutation is in the list without anybody's doing.
 */
export function auditedMutations(sdl: string, { payment = false }: { readonly payment?: boolean } = {}): string[] {
  return parse(sdl).definitions.flatMap((definition) => {
    const isMutation =
      (definition.kind === Kind.OBJECT_TYPE_EXTENSION || definition.kind === Kind.OBJECT_TYPE_DEFINITION) &&
      definition.name.value === 'Mutation';
    if (!isMutation) return [];
    return (definition.fields ?? [])
      .filter(({ directives }) => payment || directives?.some(({ name }) => name.value === 'requiresScopes'))
      .map(({ name }) => name.value)
      .sort();
  });
}

/** Reads what is on record so far. */
export type AuditReader = () => Promise<AuditEntry[]>;

export function auditOfPostgres(database: TestDatabase): AuditReader {
  return async () => {
    const rows = await database.query<{ entry: AuditEntry }>('SELECT entry FROM audit_entry ORDER BY id');
    return rows.map(({ entry }) => entry);
  };
}

/** Sealed or not: what moves from one place to the other meanwhile is read in both. */
export function auditOfMongo(database: mongoose.mongo.Db, collections: readonly string[]): AuditReader {
  return async () => {
    const found = new Map<string, AuditEntry>();
    for (const { id, entry } of await readMongoUnsealed(database, collections)) found.set(id, entry as AuditEntry);
    for await (const { id, entry } of readMongoChain(database)) found.set(id, entry as AuditEntry);
    return [...found.values()];
  };
}

/** The entries of these operations that `act` left. */
export async function auditedBy(
  read: AuditReader,
  actions: readonly string[],
  act: () => Promise<unknown>,
): Promise<AuditEntry[]> {
  const before = new Set((await read()).map(({ id }) => id));
  await act();
  return (await read()).filter(({ id, action }) => !before.has(id) && actions.includes(action));
}
