import type { Caller } from '@ebuy/runtime';
import { type DocumentNode, type FieldNode, type GraphQLSchema, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import { type GuardRule, type Refused, readGuardRules } from './guard-rules.ts';

/** Why a field is null, as its error says it. */
export interface Refusal {
  readonly code: Refused;
  readonly message: string;
}

/** The guarded fields of one document. */
export interface Guarded {
  /** What a caller may not have, as a text that is the same for the same refusals; empty: nothing. */
  fingerprint(caller: Caller): string;
  /** The fields that a fingerprint stands for. */
  refused(fingerprint: string): ReadonlyMap<FieldNode, Refusal>;
}

/** Finds a document's guarded fields, once for all its requests. */
export type Guards = (document: DocumentNode) => Guarded;

const REFUSALS: Readonly<Record<Refused, Refusal>> = {
  UNAUTHENTICATED: { code: 'UNAUTHENTICATED', message: 'Sign in first.' },
  FORBIDDEN: { code: 'FORBIDDEN', message: 'You are not allowed to do this.' },
};
const ALLOWED = '-';
const LETTERS: Readonly<Record<Refused, string>> = { UNAUTHENTICATED: 'U', FORBIDDEN: 'F' };

/**
 * The guards of a graph, from its full supergraph. A refused field is neither planned nor fetched, and does not run when it is a mutation; it is null in the
 * answer, with an error of its own, and its siblings are untouched.
 */
export function createGuards(supergraph: GraphQLSchema): Guards {
  const rules = readGuardRules(supergraph);
  return (document) => {
    const fields = new Map<string, FieldNode[]>();
    const typeInfo = new TypeInfo(supergraph);
    visit(
      document,
      visitWithTypeInfo(typeInfo, {
        Field(node) {
          const coordinate = `${typeInfo.getParentType()?.name}.${node.name.value}`;
          if (!rules.has(coordinate)) return;
          const nodes = fields.get(coordinate);
          if (nodes === undefined) fields.set(coordinate, [node]);
          else nodes.push(node);
        },
      }),
    );
    return fields.size === 0 ? OPEN : guarded([...fields].map(([at, nodes]) => [rules.get(at) ?? [], nodes]));
  };
}

const OPEN: Guarded = { fingerprint: () => '', refused: () => new Map() };

/** A fingerprint has a letter for each guarded coordinate of the document. */
function guarded(places: readonly (readonly [readonly GuardRule[], readonly FieldNode[]])[]): Guarded {
  return {
    fingerprint(caller) {
      let letters = '';
      let isRefused = false;
      for (const [rules] of places) {
        const code = firstRefusal(rules, caller);
        letters += code === null ? ALLOWED : LETTERS[code];
        isRefused ||= code !== null;
      }
      return isRefused ? letters : '';
    },
    refused(fingerprint) {
      const refused = new Map<FieldNode, Refusal>();
      for (const [at, [, nodes]] of places.entries()) {
        const letter = fingerprint[at] ?? ALLOWED;
        if (letter === ALLOWED) continue;
        const refusal = letter === LETTERS.UNAUTHENTICATED ? REFUSALS.UNAUTHENTICATED : REFUSALS.FORBIDDEN;
        for (const node of nodes) refused.set(node, refusal);
      }
      return refused;
    },
  };
}

function firstRefusal(rules: readonly GuardRule[], caller: Caller): Refused | null {
  for (const rule of rules) {
    const code = rule(caller);
    if (code !== null) return code;
  }
  return null;
}
