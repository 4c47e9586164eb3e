/** The scalars of schema/shared.graphql, the same in every subgraph: what they accept, and what they refuse with which words. */
import { currencyExponent } from '@ebuy/kernel';
import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

const refusal = (message: string) => new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });

function textScalar(name: string, parse: (text: string) => string): GraphQLScalarType {
  const parseValue = (value: unknown) => {
    if (typeof value !== 'string') throw refusal(`${name} must be a string.`);
    return parse(value);
  };
  return new GraphQLScalarType({
    name,
    parseValue,
    parseLiteral: (node) => parseValue(node.kind === Kind.STRING ? node.value : undefined),
    serialize: (value) => (value instanceof Date ? value.toISOString() : String(value)),
  });
}

function parseMinorUnits(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw refusal('MinorUnits must be a whole number of minor units between -(2^53 - 1) and 2^53 - 1.');
  }
  return value;
}

const MinorUnits = new GraphQLScalarType({
  name: 'MinorUnits',
  parseValue: parseMinorUnits,
  parseLiteral: (node) => parseMinorUnits(node.kind === Kind.INT ? Number(node.value) : undefined),
  serialize: parseMinorUnits,
});

const CurrencyCode = textScalar('CurrencyCode', (text) => {
  if (currencyExponent(text) === undefined) throw refusal('CurrencyCode must be an active ISO 4217 code such as EUR.');
  return text;
});

const CountryCode = textScalar('CountryCode', (text) => {
  if (!/^[A-Z]{2}$/.test(text)) throw refusal('CountryCode must be two capital letters (ISO 3166-1) such as DE.');
  return text;
});

const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

const DateTime = textScalar('DateTime', (text) => {
  const time = ISO_8601.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw refusal('DateTime must be ISO 8601 with a zone such as 2026-11-23T16:20:00Z.');
  return new Date(time).toISOString();
});

const HTML = textScalar('HTML', (text) => text);

export const scalars = { MinorUnits, CurrencyCode, CountryCode, DateTime, HTML };
