import { OPTIONS, type Rating, ratingQuestion, wordsOf } from '../replies/rating.ts';
import { type Place, validateContent } from '../wecom/outgoing-messages.ts';
import type { Finding } from './business.ts';

/** As long as the ids of surveys are. */
const AN_ID = 'x'.repeat(16);

/** Whether WeCom takes the question and the thanks, and every answer can be told from the others. `checkText` looks at a text. */
export function checkRating(
  rating: Rating | undefined,
  path: string,
  checkText: (text: string, place: Place, path: string) => Finding[],
): Finding[] {
  if (!rating) return [];
  const thanks = checkText(rating.thanks, 'reply', `${path}.thanks`);
  if (rating.kind === 'nps') return [...checkText(rating.ask, 'end', `${path}.ask`), ...thanks];
  const { kind, ask, options } = rating;
  const wanted = OPTIONS[kind];
  const count: Finding[] =
    options.length === wanted
      ? []
      : [
          {
            path: `${path}.options`,
            problem: `has ${options.length} options; a rating of kind ${kind} has ${wanted}`,
            mend: `write ${wanted}, best first, or leave the field out`,
          },
        ];
  const words = options.map(wordsOf);
  const same = options.flatMap((_, index): Finding[] => {
    const first = words.findIndex((others) => others.some((word) => words[index]?.includes(word)));
    return first === index
      ? []
      : [
          {
            path: `${path}.options[${index}]`,
            problem: `cannot be told from ${path}.options[${first}]`,
            mend: 'give each option words of its own',
          },
        ];
  });
  return [
    ...checkText(ask, 'reply', `${path}.ask`),
    ...count,
    ...same,
    ...validateContent(ratingQuestion({ ...rating, options }, AN_ID), 'end').map((problem) => ({
      path,
      problem: `WeCom would refuse this: ${problem}`,
      mend: 'shorten or fill it; WeCom counts bytes, and a Chinese character has three',
    })),
    ...thanks,
  ];
}
