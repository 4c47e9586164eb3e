import { type DirectiveNode, type DocumentNode, Kind, visit } from 'graphql';

/** The values of the variables that an operation's @skip and @include name: one program is compiled for each combination that comes. */
export type Conditions = ReadonlyMap<string, boolean>;

/** The names of those variables, or of those that other directives name in `if`, in the order of the text. */
export function conditionVariables(
  document: DocumentNode,
  directives: readonly string[] = ['skip', 'include'],
): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive(node) {
      const condition = directives.includes(node.name.value) ? ifOf(node) : undefined;
      if (condition?.kind === Kind.VARIABLE) names.add(condition.name.value);
    },
  });
  return [...names];
}

export function isIncluded(
  conditions: Conditions,
  { directives }: { readonly directives?: readonly DirectiveNode[] | undefined },
): boolean {
  return (directives ?? []).every((directive) => {
    const condition = conditionOf(directive);
    if (condition === undefined) return true;
    const value =
      condition.kind === Kind.VARIABLE
        ? conditions.get(condition.name.value) === true
        : condition.kind === Kind.BOOLEAN && condition.value;
    return directive.name.value === 'include' ? value : !value;
  });
}

/** What a @skip or @include depends on; undefined for other directives. */
export function conditionOf(directive: DirectiveNode) {
  const { value } = directive.name;
  return value === 'skip' || value === 'include' ? ifOf(directive) : undefined;
}

function ifOf({ arguments: given }: DirectiveNode) {
  return given?.find((argument) => argument.name.value === 'if')?.value;
}
