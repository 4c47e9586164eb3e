import type { FieldShape, FieldsShape, LeafShape, ValueShape } from './shape.ts';

/**
 * What of a merged answer is the client's, as an object for JSON.stringify, for answers in which everything is as the schema promises.
 * Each shape gets a function of its own, generated: its property reads stay monomorphic, and what it builds are objects of one hidden
 * class each, which the engine turns into text faster than any code of ours could. What goes into the source are response keys and names
 * of types, as JSON strings, and nothing else of a client.
 *
 * @throws IRREGULAR when something is not as promised: complete.ts then finds out what to say about it
 */
export type Projection = (data: unknown) => unknown;

export const IRREGULAR = Symbol('irregular');

/** Builds, or only looks whether there is just what would be built: then the subgraph's own bytes will do. */
type Mode = 'build' | 'check';

export function compileProjection(shape: FieldsShape): Projection {
  return functionOf(shape, 'build');
}

/** Returns when the object has the shape's fields, in their order, and no others. @throws IRREGULAR */
export function compileCheck(shape: FieldsShape): Projection {
  return functionOf(shape, 'check');
}

const irregular = (): never => {
  throw IRREGULAR;
};

/** What a generated function is given. */
interface Scope {
  readonly mode: Mode;
  readonly given: unknown[];
}

/** `o` is the object, `v` the value in hand, `x` throws, `h` is Object.hasOwn, `g` what was given. */
function functionOf(shape: FieldsShape, mode: Mode): Projection {
  const scope: Scope = { mode, given: [] };
  const body = mode === 'build' ? buildBody(scope, shape) : checkBody(scope, shape);
  return generate(scope, 'o', `if(typeof o!=='object'||o===null||Array.isArray(o))x();let v;${body}`);
}

function generate({ given }: Scope, parameter: string, body: string): Projection {
  const make = new Function('g', 'x', 'h', `return function(${parameter}){${body}}`) as (
    ...needed: unknown[]
  ) => Projection;
  return make(given, irregular, Object.hasOwn);
}

function buildBody(scope: Scope, shape: FieldsShape): string {
  // In brackets: `__proto__` as any other key.
  const parts = shape.fields.map((field) => `[${JSON.stringify(field.key)}]:${textOf(scope, shape, field)}`);
  return `return {${parts.join()}};`;
}

function checkBody(scope: Scope, shape: FieldsShape): string {
  const { fields, typeName } = shape;
  const keys = give(
    scope,
    fields.map(({ key }) => key),
  );
  const parts = fields.map((field) =>
    field.kind === 'typename'
      ? `if(${read(field.key)}!==${JSON.stringify(typeName)})x();`
      : `${textOf(scope, shape, field)};`,
  );
  return `let n=0;for(const k in o)if(k!==${keys}[n++])x();if(n!==${fields.length})x();${parts.join('')}`;
}

/** An expression for what the client gets of a field. */
function textOf(scope: Scope, { typeName }: FieldsShape, field: FieldShape): string {
  if (field.kind === 'typename') return JSON.stringify(typeName);
  return field.kind === 'value' ? `(v=${read(field.fetchedAs)},${completed(scope, field.value)})` : 'x()';
}

/** A key that every object inherits something under is read only where the object has it itself. */
function read(key: string): string {
  const property = `o[${JSON.stringify(key)}]`;
  return key in Object.prototype ? `(h(o,${JSON.stringify(key)})?${property}:undefined)` : property;
}

/** An expression for the value of `v`. */
function completed(scope: Scope, value: ValueShape): string {
  const isNull = scope.mode === 'build' ? 'v==null' : 'v===null';
  return `${isNull}?${value.isNullable ? 'null' : 'x()'}:${present(scope, value)}`;
}

function present(scope: Scope, value: ValueShape): string {
  switch (value.kind) {
    case 'leaf':
      return `${isValid(scope, value)}?v:x()`;
    case 'list':
      return `${give(scope, listFunction(scope.mode, value.of))}(v)`;
    case 'object':
      return `${give(scope, value.only === null ? byTypeName(scope.mode, value.of) : functionOf(value.only, scope.mode))}(v)`;
  }
}

function isValid(scope: Scope, { accepts, values }: LeafShape): string {
  switch (accepts) {
    case 'String':
      return "typeof v==='string'";
    case 'ID':
      return `(typeof v==='string'||${isInteger})`;
    case 'Int':
      return isInteger;
    case 'Float':
      return "(typeof v==='number'&&v-v===0)";
    case 'Boolean':
      return "typeof v==='boolean'";
    case 'enum':
      return `(typeof v==='string'&&${give(scope, (one: string) => values.has(one))}(v))`;
    case 'custom':
      return 'v!==undefined';
  }
}

/** Beyond 1e21 a number's text has an exponent. */
const isInteger = '(Number.isInteger(v)&&v<1e21&&v>-1e21)';

function give(scope: Scope, needed: unknown): string {
  scope.given.push(needed);
  return `g[${scope.given.length - 1}]`;
}

function listFunction(mode: Mode, of: ValueShape): Projection {
  const scope: Scope = { mode, given: [] };
  const each = completed(scope, of);
  const loop =
    mode === 'build'
      ? `const r=[];for(let i=0;i<a.length;i++){v=a[i];r.push(${each});}return r;`
      : `for(let i=0;i<a.length;i++){v=a[i];${each};}`;
  return generate(scope, 'a', `if(!Array.isArray(a))x();let v;${loop}`);
}

/** Where the type differs from object to object. */
function byTypeName(mode: Mode, of: (typeName: unknown) => FieldsShape | null): Projection {
  const known = new Map<FieldsShape, Projection>();
  return (object) => {
    const shape = of((object as { readonly __typename?: unknown }).__typename) ?? irregular();
    let projection = known.get(shape);
    if (projection === undefined) {
      projection = functionOf(shape, mode);
      known.set(shape, projection);
    }
    return projection(object);
  };
}
