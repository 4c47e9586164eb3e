// Before anything is measured every gateway answers every question once, and its answers are laid beside those of @apollo/gateway.
import { isDeepStrictEqual } from 'node:util';
import type { Gateway } from './gateways/list.ts';
import { ask, type RunningGateway } from './gateways/run.ts';
import { bodyOf, PAGES, type Question } from './graph/queries.ts';

/** So many at a time. */
const LANES = 8;

export type Likeness = 'the same bytes' | 'the same, in another order' | 'different';

export interface Compared {
  readonly gateway: Gateway;
  readonly question: Question['name'];
  readonly likeness: Likeness;
  /** The first place where it differs, both ways. */
  readonly difference: string | null;
  /** How many bytes each page's answer has. */
  readonly answerBytes: readonly number[];
}

/** All the answers of one gateway to one question, by page. */
export async function collectAnswers(port: number, question: Question): Promise<string[]> {
  const answers: string[] = [];
  let next = 0;
  const lane = async () => {
    while (next < PAGES) {
      const page = next;
      next += 1;
      answers[page] = await ask(port, bodyOf(question, page));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return answers;
}

export function refuseErrors(answers: readonly string[], { name }: Question): void {
  const bad = answers.find((answer) => !answer.startsWith('{"data":{') || answer.includes('"errors":'));
  if (bad !== undefined) throw new Error(`@apollo/gateway answers "${name}" with ${bad.slice(0, 500)}`);
}

export async function compareAnswers(
  { gateway, port }: RunningGateway,
  question: Question,
  expected: readonly string[],
): Promise<Compared> {
  const answers = await collectAnswers(port, question);
  let likeness: Likeness = 'the same bytes';
  let difference: string | null = null;
  for (const [page, answer] of answers.entries()) {
    const theirs = answer.trimEnd();
    const wanted = (expected[page] ?? '').trimEnd();
    if (theirs === wanted) continue;
    const isSame = isDeepStrictEqual(parsed(theirs), parsed(wanted));
    if (likeness === 'different' || (isSame && difference !== null)) continue;
    likeness = isSame ? 'the same, in another order' : 'different';
    difference = whereApart(theirs, wanted);
  }
  const answerBytes = answers.map((answer) => Buffer.byteLength(answer));
  return { gateway, question: question.name, likeness, difference, answerBytes };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function whereApart(theirs: string, wanted: string): string {
  let at = 0;
  while (theirs[at] === wanted[at]) at += 1;
  const around = (text: string) => text.slice(Math.max(0, at - 60), at + 90);
  return `…${around(theirs)}… where @apollo/gateway has …${around(wanted)}…`;
}
