import * as z from 'zod';
import { cutText } from '../wecom/outgoing-messages.ts';
import type { ModelOutcome, NoAnswer } from './model-terms.ts';

/** What a chat completion answers, as far as we look at it. */
const Completion = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
});

/** The two forms in which the model may speak. Strict, so that an answer with anything beside it is not taken for one. */
const Said = z.union([z.strictObject({ answer: z.string() }), z.strictObject({ handOver: z.literal(true) })]);

const noAnswer = (why: NoAnswer): ModelOutcome => ({ said: 'hand-over', why });

/**
 * What the model says, by the body of the endpoint's answer. Only the whole of the completion counts: a text that merely contains our
 * marker, because the customer wrote it, hands nothing over and is no answer either. Cut as WeCom's texts are. Never throws.
 */
export function readModelAnswer(body: string): ModelOutcome {
  const completion = Completion.safeParse(parsed(body));
  const [choice] = completion.data?.choices ?? [];
  if (!choice) return noAnswer('unreadable');
  if (choice.message.refusal || choice.finish_reason === 'content_filter') return noAnswer('refused');
  if (choice.finish_reason === 'length') return noAnswer('cut-off');
  const content = withoutFence(choice.message.content ?? '');
  if (content === '') return noAnswer('empty');
  const said = Said.safeParse(parsed(content));
  if (!said.success) return noAnswer('unreadable');
  if ('handOver' in said.data) return noAnswer('does-not-know');
  const text = cutText(readable(said.data.answer));
  return text === '' ? noAnswer('empty') : { said: 'answer', text };
}

/** Some models put JSON into a fence of Markdown, whatever they are told. */
function withoutFence(content: string): string {
  const trimmed = content.trim();
  return /^```(?:json)?\s*\n([\s\S]*?)\n?```$/.exec(trimmed)?.[1]?.trim() ?? trimmed;
}

/** Without control characters, which WeCom refuses, and half characters. */
const readable = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\p{Cc}/gu, (c) => (c === '\n' ? c : ' '))
    .trim();

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
