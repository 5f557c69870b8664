import type * as z from 'zod';
import { type Finding, pathText } from '../configuration/business.ts';
import type { HttpAnswer } from '../platform/http-door.ts';
import { problem } from '../platform/http-router.ts';

/** What is wrong with a body, field by field, in words. `example` is a body that would do; nothing of what was sent is repeated. */
export function wrongBody(error: z.ZodError, example: string): HttpAnswer {
  const errors = error.issues.flatMap((issue) => findings(issue, example));
  const [first] = errors;
  const where = first?.path === WHOLE_BODY ? 'The body' : first?.path;
  return problem(400, `${where} ${first?.problem}: ${first?.mend}.`, { errors });
}

const WHOLE_BODY = 'body';

function findings(issue: z.core.$ZodIssue, example: string): Finding[] {
  const path = issue.path.length === 0 ? WHOLE_BODY : pathText(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const within = path === WHOLE_BODY ? '' : `${path}.`;
    return issue.keys.map((key) => ({ path: `${within}${key}`, problem: 'is not known here', mend: 'leave it out' }));
  }
  const mend = path === WHOLE_BODY ? `send JSON like ${example}` : `write it as in ${example}`;
  return [{ path, problem: path === WHOLE_BODY ? 'is not what this address takes' : wordsOf(issue), mend }];
}

/** Zod's own words quote what is expected, never what was sent; those of our schemas are meant for people. */
const wordsOf = ({ message }: z.core.$ZodIssue): string => message.charAt(0).toLowerCase() + message.slice(1);
