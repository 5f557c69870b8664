import { fileNamedBy, isMediaReply, type MediaReply, mediaContent } from '../replies/media-reply.ts';
import { MEDIA_KINDS, problemsOfMedia } from '../wecom/media.ts';
import { validateContent } from '../wecom/outgoing-messages.ts';
import type { Business, Finding, Findings } from './business.ts';

/** Checks the files of the library: ids, and whether WeCom would take them as anything. Pure. */
export function checkMedia({ media, replies }: Business): Findings {
  const named = new Set(
    replies.flatMap(({ rules }) =>
      rules.flatMap(({ reply, replies: more = [] }) =>
        [...(reply ? [reply] : []), ...more].flatMap((one) => (isMediaReply(one) ? [fileNamedBy(one).id] : [])),
      ),
    ),
  );
  const problems = media.flatMap((file, index): Finding[] => {
    const path = `media[${index}]`;
    const first = media.findIndex(({ id }) => id === file.id);
    if (first < index) {
      return [{ path: `${path}.id`, problem: `is at media[${first}] already`, mend: 'give it another id' }];
    }
    const sendable = MEDIA_KINDS.some((kind) => problemsOfMedia(kind, file).length === 0);
    return sendable ? [] : problemsOfMedia('file', file).map((problem) => refused(`${path}.file`, problem));
  });
  const warnings = media.flatMap(({ id }, index): Finding[] =>
    named.has(id)
      ? []
      : [{ path: `media[${index}]`, problem: `no rule names ${id}`, mend: 'name it in a reply, or remove it' }],
  );
  return { problems, warnings };
}

/** A message that needs a file, in a rule. */
export function checkMediaReply(reply: MediaReply, media: Business['media'], path: string): Finding[] {
  const { id, kind, at } = fileNamedBy(reply);
  const file = media.find((one) => one.id === id);
  const place = `${path}.${at}`;
  const found = file
    ? problemsOfMedia(kind, file).map((problem) => refused(place, `${id}: ${problem}`))
    : [{ path: place, problem: `there is no file ${id}`, mend: 'add it under media, or correct the id' }];
  const inMessage = validateContent(mediaContent(reply), 'reply').map((problem) => ({
    path: `${path}.${at.split('.')[0]}`,
    problem: `WeCom would refuse this: ${problem}`,
    mend: 'correct it; WeCom counts bytes, and a Chinese character has three',
  }));
  return [...found, ...inMessage];
}

const refused = (path: string, problem: string): Finding => ({
  path,
  problem: `WeCom would refuse this: ${problem}`,
  mend: 'convert or shrink the file',
});
