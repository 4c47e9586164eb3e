export { accessTokenFor, opensWith } from './access-token.ts';
export { ANONYMOUS, type Caller, hasScope } from './caller.ts';
export { looksLikeCardNumber } from './card-number.ts';
export { currencyExponent } from './currencies.ts';
export { describeError } from './describe-error.ts';
export { Fault, Refusal } from './failures.ts';
export { isId, newId } from './ids.ts';
export { addMoney, formatMoney, type Money, money, multiplyMoney, sameMoney, shareOfMoney, sumMoney } from './money.ts';
export { isSlug, nthSlug, slugOf } from './slug.ts';
