import type { Run } from './run.ts';

/** A fetch's request as JSON text, with everything that is the same each time prepared. */
export interface RequestBody {
  /** @param representations by the name of their variable, as JSON text */
  with(run: Run, representations: readonly (readonly [name: string, text: string])[]): string;
}

export function prepareBody(
  query: string,
  operationName: string | undefined,
  variableUsages: readonly string[] = [],
): RequestBody {
  const name = operationName === undefined ? '' : `,"operationName":${JSON.stringify(operationName)}`;
  const start = `{"query":${JSON.stringify(query)}${name}`;
  const bare = `${start}}`;
  const opening = `${start},"variables":{`;
  const named = variableUsages.map((variable) => ({ variable, key: `${JSON.stringify(variable)}:` }));
  return {
    with(run, representations) {
      let variables = '';
      for (const [variable, text] of representations) {
        variables += variables === '' ? `"${variable}":${text}` : `,"${variable}":${text}`;
      }
      for (const { variable, key } of named) {
        const text = run.variableText(variable);
        if (text !== undefined) variables += variables === '' ? key + text : `,${key}${text}`;
      }
      return variables === '' ? bare : `${opening}${variables}}}`;
    },
  };
}
