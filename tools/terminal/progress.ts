import type { ShopProgress } from '../shop/contract.ts';

const isTerminal = process.stdout.isTTY === true;
const paint = (code: number, text: string): string => (isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text);

export const bold = (text: string): string => paint(1, text);
export const dim = (text: string): string => paint(2, text);
export const green = (text: string): string => paint(32, text);
export const red = (text: string): string => paint(31, text);

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** One line a step, while a shop comes up. Only what takes long, went wrong, or happened for the first time: a warm start stays short. */
export const showProgress = (began: number): ((event: ShopProgress) => void) => {
  const line = (text: string): void => console.log(`${dim(seconds(performance.now() - began).padStart(7))}  ${text}`);
  return ({ kind, message, engine }) => {
    if (kind === 'crash') return line(red(message));
    if (engine === undefined) return line(message);
    if (engine.kind === 'starting' || engine.kind === 'stopped') return;
    line(engine.kind === 'exited' ? red(message) : `${engine.engine}: ${message}`);
  };
};
