/**
 * The fields of one object type, run one after the other. What is run often gets code of its own: the same steps written out, so that each
 * property is read and written in one place of the machine code, which is where most of the time goes otherwise.
 */
import type { Shape } from './complete.ts';
import type { Field } from './field.ts';
import type { Path, Run } from './run.ts';

const RUNS_BEFORE_CODE = 100;

type Answer = Record<string, unknown>;
type Waiting = { readonly name: string; readonly value: Promise<unknown> }[];
type Execute = Shape['run'];

export function shapeOfFields(fields: readonly Field[], isKept: boolean, runsBeforeCode = RUNS_BEFORE_CODE): Shape {
  const plainly: Execute = (run, source, path) => together(fields, run, source, path);
  // In an object with a prototype, a field that is called `__proto__` sets it.
  if (!isKept || hasProto(fields)) return { isKept, run: plainly };
  let execute: Execute = (run, source, path) => {
    runs += 1;
    if (runs === runsBeforeCode) execute = written(fields) ?? plainly;
    return plainly(run, source, path);
  };
  let runs = 0;
  return { isKept, run: (run, source, path) => execute(run, source, path) };
}

const hasProto = (fields: readonly Field[]) => fields.some(({ name }) => name === '__proto__');

function blankFor(fields: readonly Field[]): Answer {
  return hasProto(fields) ? (Object.create(null) as Answer) : {};
}

/** An object, or a promise of one where a field of it is one. */
function together(fields: readonly Field[], run: Run, source: unknown, path: Path | undefined): unknown {
  const answer = blankFor(fields);
  let waiting: Waiting | undefined;
  try {
    for (const field of fields) {
      const value = field.resolve(run, source, path);
      // Also while it is waited for: this is its place in the order.
      answer[field.name] = value;
      if (value instanceof Promise) waiting = joined(waiting, field.name, value);
    }
  } catch (error) {
    if (waiting === undefined) throw error;
    return heardOut(waiting, error);
  }
  return waiting === undefined ? answer : awaited(answer, waiting);
}

function joined(waiting: Waiting | undefined, name: string, value: Promise<unknown>): Waiting {
  if (waiting === undefined) return [{ name, value }];
  waiting.push({ name, value });
  return waiting;
}

/** Nobody else would hear of it when these fail, too. */
function heardOut(waiting: Waiting, error: unknown): Promise<never> {
  return Promise.all(waiting.map(({ value }) => value))
    .then(() => undefined)
    .finally(() => {
      throw error;
    }) as Promise<never>;
}

function awaited(answer: Answer, waiting: Waiting): Promise<Answer> {
  return Promise.all(waiting.map(({ value }) => value)).then((values) => {
    waiting.forEach(({ name }, index) => {
      answer[name] = values[index];
    });
    return answer;
  });
}

/** A mutation's fields: each begins once the one before it has ended. */
export async function oneByOne(fields: readonly Field[], run: Run): Promise<Answer> {
  const answer = blankFor(fields);
  for (const field of fields) {
    const value = field.resolve(run, run.rootValue, undefined);
    answer[field.name] = value instanceof Promise ? await value : value;
  }
  return answer;
}

/** Nothing of a document but names as GraphQL has them is ever put into code. */
const NAME = /^[_A-Za-z][_0-9A-Za-z]*$/;

/** `together`, written out for these fields. Null where this process may not make code. */
function written(fields: readonly Field[]): Execute | null {
  if (!fields.every(({ name, reads }) => NAME.test(name) && (reads === undefined || NAME.test(reads.key)))) return null;
  const steps = fields.map(({ name, constant, reads }, index) => {
    if (constant !== undefined) return '';
    if (reads === undefined) {
      return `value = answer.${name} = resolve${index}(run, source, path);
        if (value instanceof Promise) waiting = joined(waiting, "${name}", value);`;
    }
    return `try {
        value = isOpen ? source.${reads.key} : undefined;
        if (!(${reads.asItIs})) {
          value = otherwise${index}(run, source, path, value);
          if (value instanceof Promise) waiting = joined(waiting, "${name}", value);
        }
      } catch (raw) { value = fail${index}(run, raw, path); }
      answer.${name} = value;`;
  });
  const blank = fields.map(
    ({ name, constant }) => `${name}: ${constant === undefined ? 'undefined' : JSON.stringify(constant)}`,
  );
  const parts = fields.map(
    (_, index) =>
      `const resolve${index} = fields[${index}].resolve, otherwise${index} = fields[${index}].reads?.otherwise, fail${index} = fields[${index}].reads?.fail;`,
  );
  const code = `"use strict"; ${parts.join('\n')}
    return (run, source, path) => {
      const isOpen = (typeof source === 'object' && source !== null) || typeof source === 'function';
      const answer = { ${blank.join(', ')} };
      let waiting, value;
      try { ${steps.join('\n')} } catch (error) {
        if (waiting === undefined) throw error;
        return heardOut(waiting, error);
      }
      return waiting === undefined ? answer : awaited(answer, waiting);
    };`;
  try {
    const make = new Function('fields', 'joined', 'heardOut', 'awaited', code) as (...parts: unknown[]) => Execute;
    return make(fields, joined, heardOut, awaited);
  } catch {
    return null;
  }
}
